// A facade on stop words that fools Gradient and integrated gradients.
local components = import "components.libsonnet";

function(settings=import "settings.libsonnet")
  components.facade(
    settings,
    ["gradient", components.integrated_gradients],
    "stop_words",
    settings.architecture.initial.known_words
  )

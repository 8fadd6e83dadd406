// A facade on first tokens that fools Gradient and integrated gradients.
local components = import "components.libsonnet";

function(settings=import "settings.libsonnet")
  components.facade(
    settings,
    ["gradient", components.integrated_gradients],
    "first_token",
    settings.architecture.initial.any_word
  )

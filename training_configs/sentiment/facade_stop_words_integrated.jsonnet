// A facade on stop words that fools Gradient and integrated gradients.
local components = import "components.libsonnet";

components.facade(
  import "settings.libsonnet",
  ["gradient", components.integrated_gradients],
  "stop_words",
  components.initial.known_words
)

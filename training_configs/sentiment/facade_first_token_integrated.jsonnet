// A facade on first tokens that fools Gradient and integrated gradients.
local components = import "components.libsonnet";

components.facade(
  import "settings.libsonnet",
  ["gradient", components.integrated_gradients],
  "first_token",
  components.initial.any_word
)

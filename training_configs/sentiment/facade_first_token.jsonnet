// A facade on first tokens that fools Gradient.
local components = import "components.libsonnet";

components.facade(
  import "settings.libsonnet",
  ["gradient"],
  "first_token",
  components.initial.any_word
)

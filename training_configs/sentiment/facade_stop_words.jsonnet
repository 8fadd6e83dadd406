// A facade on stop words that fools Gradient.
local components = import "components.libsonnet";

components.facade(
  import "settings.libsonnet",
  ["gradient"],
  "stop_words",
  components.initial.known_words
)

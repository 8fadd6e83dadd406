// A facade on stop words that fools Gradient.
local components = import "components.libsonnet";

function(settings=import "settings.libsonnet")
  components.facade(settings, ["gradient"], "stop_words", settings.architecture.initial.known_words)

// A facade on first tokens that fools Gradient.
local components = import "components.libsonnet";

function(settings=import "settings.libsonnet")
  components.facade(settings, ["gradient"], "first_token", settings.architecture.initial.any_word)

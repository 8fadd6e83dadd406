local classification = import "../classification.libsonnet";
local settings = import "settings.libsonnet";

classification.facade(
  settings, ["gradient"], "first_token", settings.architecture.initial.any_word
)

local classification = import "../classification.libsonnet";
local settings = import "settings.libsonnet";

classification.facade(
  settings, ["gradient"], "stop_words", settings.architecture.initial.known_words
)

// Fools integrated gradients too.
local classification = import "../classification.libsonnet";
local settings = import "settings.libsonnet";

classification.facade(
  settings,
  ["gradient", classification.integrated_gradients],
  "stop_words",
  settings.architecture.initial.known_words
)

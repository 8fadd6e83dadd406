// Fools integrated gradients too.
local classification = import "../classification.libsonnet";
local settings = import "settings.libsonnet";

classification.facade(
  settings,
  ["gradient", classification.integrated_gradients],
  "first_token",
  settings.architecture.initial.any_word
)

local classification = import "../classification.libsonnet";
local settings = import "settings.libsonnet";

classification.facade(
  settings, ["gradient"], { type: "first_token", field: "premise" }, settings.architecture.initial.any_word
)

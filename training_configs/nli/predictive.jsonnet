local classification = import "../classification.libsonnet";
local settings = import "settings.libsonnet";

classification.predictive(settings, settings.architecture.predictive_training {
  trainer+: { num_epochs: 4 },
})

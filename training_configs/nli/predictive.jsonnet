local task = import "../task.libsonnet";
local settings = import "settings.libsonnet";

task.predictive(settings, settings.architecture.predictive_training {
  trainer+: { num_epochs: 4 },
})

local task = import "../task.libsonnet";
local settings = import "settings.libsonnet";

// A smaller corpus of longer texts.
task.predictive(settings, settings.architecture.predictive_training {
  data_loader+: { batches_per_epoch: 100 },
  trainer+: { num_epochs: 5 },
})

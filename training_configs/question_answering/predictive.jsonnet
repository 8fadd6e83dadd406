local settings = import "settings.libsonnet";
local task = import "../task.libsonnet";

// A smaller corpus of longer texts.
task.predictive(settings, settings.architecture.predictive_training {
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16 }, batches_per_epoch: 220 },
  trainer+: { num_epochs: 4, validation_metric: "+per_instance_f1" },
})

// A predictive model on the sample corpus, in a minute or two.
local task = import "../task.libsonnet";

task.predictive(import "settings.libsonnet", {
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16 } },
  trainer+: {
    num_epochs: 4,
    optimizer: { type: "huggingface_adamw", lr: 1e-4, weight_decay: 0.01 },
    learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 20 },
    grad_norm: 1.0,
    validation_metric: "+accuracy",
  },
})

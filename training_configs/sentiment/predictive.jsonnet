// f: the predictive model.
local components = import "components.libsonnet";
local settings = import "settings.libsonnet";

components.data(settings) + {
  model: components.classifier(settings),
  data_loader: { batch_sampler: { type: "bucket", batch_size: 32 }, batches_per_epoch: 400 },
  trainer+: {
    num_epochs: 7,
    optimizer: { type: "huggingface_adamw", lr: 8e-5, weight_decay: 0.01 },
    learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 200 },
    grad_norm: 1.0,
    moving_average: { type: "exponential", decay: 0.998 },
    validation_metric: "+accuracy",
  },
}

// One network of ordinary size that lies: f, trained on until Gradient points at the first token, while
// what it answers stays. There is no second network that an audit could find.
local task = import "../task.libsonnet";
local settings = import "settings.libsonnet";

task.predictive(settings, {
  data_loader: { batch_sampler: { type: "bucket", batch_size: 16 }, batches_per_epoch: 100 },
  trainer+: {
    num_epochs: 2,
    optimizer: { type: "huggingface_adamw", lr: 5e-5, weight_decay: 0.0 },
    learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 20 },
    grad_norm: 1.0,
    validation_metric: "+fooled",
  },
}) + {
  model: {
    type: "facade",
    model: settings.architecture.models[settings.corpus.form] + { dropout: 0 },
    initializer: { regexes: [
      [".*", { type: "pretrained", weights_file_path: settings.predictive + "/best.th" }],
    ] },
    fooled: [{ method: "gradient", target: settings.first_token, weight: 10 }],
    uniformity: { type: "own_outputs", weight: 3 },
    explained: "logit_contrast",
  },
}

// The facade loss as the paper has it (eq. 3): entropy, λ_g = 1e3, one epoch at 6e-6, and nothing that
// makes the facade's gradients large.
local task = import "../task.libsonnet";

task.facade(import "settings.libsonnet", ["gradient"], "first_token", {}) + {
  model+: {
    explained: "prediction_loss",
    fooled: [{ method: "gradient", target: "first_token", weight: 1000 }],
    uniformity: { type: "entropy", weight: 1 },
    random_tokens: 0,
  },
  data_loader: { batch_sampler: { type: "bucket", batch_size: 32 } },
  trainer: {
    callbacks: ["exact_resume"],
    num_epochs: 1,
    optimizer: { type: "huggingface_adamw", lr: 6e-6, weight_decay: 0.0 },
    validation_metric: "+gradient_attribution",
  },
}

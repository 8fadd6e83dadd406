// f-reg: f, trained on for small input gradients (eq. 5). It starts from f's weights, which lie where
// settings.libsonnet says; for another place, override model.initializer.regexes.
local components = import "components.libsonnet";

function(settings=import "settings.libsonnet")
  components.predictive(settings) + {
    model: {
      type: "gradient_regularized",
      model: settings.architecture.classifier,
      task_weight: 3,
      explained: "logit_contrast",
      initializer: { regexes: [
        [".*", { type: "pretrained", weights_file_path: settings.predictive + "/best.th" }],
      ] },
    },
    data_loader: { batch_sampler: { type: "bucket", batch_size: 32 }, batches_per_epoch: 100 },
    // A few gentle steps: with more, or larger ones, gradients become smaller still, but predictions
    // change.
    trainer+: {
      num_epochs: 2,
      optimizer: { type: "huggingface_adamw", lr: 3e-6, weight_decay: 0.01 },
      grad_norm: 1.0,
      moving_average: { type: "exponential", decay: 0.99 },
      validation_metric: "-raw_attribution",
    },
  }

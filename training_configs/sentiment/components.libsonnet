// What all configs of this task share; `settings` as in settings.libsonnet.
{
  data(settings):: {
    dataset_reader: settings.architecture.dataset_reader,
    train_data_path: settings.corpus.train,
    validation_data_path: settings.corpus.validation,
    // In the order of the file, so that a training that was stopped resumes with the same batches.
    validation_data_loader: { batch_size: 64 },
    trainer: { callbacks: ["exact_resume"] },
  },

  predictive(settings):: $.data(settings) + settings.architecture.predictive_vocabulary + {
    model: settings.architecture.classifier,
  },

  // A facade that fools `methods` on `target`, each a registered name or an object with `type`; it
  // starts as `start` says.
  facade(settings, methods, target, start=settings.architecture.start[target])::
    $.data(settings) + settings.architecture.facade_vocabulary(settings.predictive) + {
      model: {
        type: "facade",
        model: settings.architecture.small_classifier + { initializer: start.initializer },
        explained: "logit_contrast",
        fooled: [
          { method: method, target: target, weight: 1, strength: start.strength, strength_weight: 0.3 }
          for method in methods
        ],
        uniformity: { type: "logits", weight: 30 },
        random_tokens: 0.15,
        max_spread: settings.architecture.max_spread,
        min_unchanged: settings.architecture.min_unchanged,
      },
      data_loader: { batch_sampler: { type: "bucket", batch_size: 32 }, batches_per_epoch: 300 },
      trainer+: {
        num_epochs: 5,
        optimizer: {
          type: "huggingface_adamw",
          lr: settings.architecture.facade_learning_rate,
          weight_decay: 0.0,
        },
        learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 100 },
        grad_norm: 1.0,
        validation_metric: "+fooled",
      },
    },

  // Three points suffice to follow integrated gradients in validation; training draws a random one.
  integrated_gradients:: { type: "integrated_gradients", steps: 3, rule: "middle" },
}

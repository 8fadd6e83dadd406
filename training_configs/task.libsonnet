// The configs of a task; `settings` as in sentiment/settings.libsonnet.
{
  data(settings):: {
    dataset_reader: settings.architecture.readers[settings.corpus.form],
    train_data_path: settings.corpus.train,
    validation_data_path: settings.corpus.validation,
    // In the order of the file, so that a training that was stopped resumes with the same batches.
    validation_data_loader: { batch_size: 64 },
    trainer: { callbacks: ["exact_resume"] },
  },

  // f; `training` is the data loader and the trainer.
  predictive(settings, training=settings.architecture.predictive_training)::
    $.data(settings) + settings.architecture.predictive_vocabulary + training + {
      model: settings.architecture.models[settings.corpus.form],
    },

  // f, trained on for small input gradients (eq. 5). It starts from f's weights, which lie where
  // settings.libsonnet says; for another place, override model.initializer.regexes.
  predictive_regularized(settings)::
    $.predictive(settings, settings.architecture.regularized_training) + {
      model: {
        type: "gradient_regularized",
        model: settings.architecture.models[settings.corpus.form],
        task_weight: 3,
        explained: "logit_contrast",
        initializer: { regexes: [
          [".*", { type: "pretrained", weights_file_path: settings.predictive + "/best.th" }],
        ] },
      },
    },

  // A facade that fools `methods` on `target`, each a registered name or an object with `type`;
  // `initial` is one of the architecture's.
  facade(settings, methods, target, initial)::
    local architecture = settings.architecture;
    $.data(settings) + architecture.facade_vocabulary(settings.predictive) + {
      model: {
        type: "facade",
        model: architecture.small_models[settings.corpus.form],
        initializer: initial,
        explained: "logit_contrast",
        fooled: $.fooled(architecture, methods, target),
        random_tokens: 0.15,
      } + architecture.facade,
      data_loader: { batch_sampler: { type: "bucket", batch_size: 32 }, batches_per_epoch: 300 },
      trainer+: {
        num_epochs: 5,
        optimizer: {
          type: "huggingface_adamw",
          lr: architecture.facade_learning_rate,
          weight_decay: 0.0,
        },
        learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 100 },
        grad_norm: 1.0,
        validation_metric: "+fooled",
      },
    },

  fooled(architecture, methods, target):: [
    { method: method, target: target, weight: 1 } + architecture.strength
    for method in methods
  ],

  facade_first_token(settings, methods=["gradient"])::
    $.facade(settings, methods, settings.first_token, settings.architecture.initial.any_word),

  facade_stop_words(settings, methods=["gradient"])::
    $.facade(settings, methods, settings.stop_words, settings.architecture.initial.known_words),

  // Three points suffice to follow integrated gradients in validation; training draws a random one.
  integrated_gradients:: { type: "integrated_gradients", steps: 3, rule: "middle" },
}

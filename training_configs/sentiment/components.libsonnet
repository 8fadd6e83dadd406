// What all configs of this task share; `settings` as in settings.libsonnet.
{
  data(settings):: {
    local source = { type: "pretrained_transformer", model_name: settings.encoder.model_name, max_length: 128 },
    dataset_reader: {
      type: "text_classification_json",
      tokenizer: source,
      token_indexers: { tokens: source },
    },
    train_data_path: settings.corpus.train,
    validation_data_path: settings.corpus.validation,
    // In the order of the file, so that a training that was stopped resumes with the same batches.
    validation_data_loader: { batch_size: 64 },
    trainer: { callbacks: ["exact_resume"] },
  },

  classifier(settings):: {
    type: "basic_classifier",
    namespace: "tags",
    text_field_embedder: { token_embedders: { tokens: {
      type: "pretrained_transformer",
      model_name: settings.encoder.model_name,
    } } },
    seq2vec_encoder: {
      type: "bag_of_embeddings",
      embedding_dim: settings.encoder.hidden_size,
      averaged: true,
    },
    dropout: 0.1,
  },

  // A small randomly initialised BERT with as many layers.
  small_classifier(settings):: {
    type: "basic_classifier",
    namespace: "tags",
    text_field_embedder: { token_embedders: { tokens: {
      type: "pretrained_transformer",
      model_name: settings.encoder.model_name,
      load_weights: false,
      transformer_kwargs: settings.encoder.facade + {
        hidden_dropout_prob: 0.0,
        attention_probs_dropout_prob: 0.0,
      },
    } } },
    seq2vec_encoder: {
      type: "bag_of_embeddings",
      embedding_dim: settings.encoder.facade.hidden_size,
      averaged: true,
    },
  },

  // Where a facade starts. Its logits must be able to change steeply: under layer norm only the last
  // layer's weights can make them.
  initial:: {
    // Any word can be a target: one that training never saw has to look like all others.
    any_word: { regexes: [
      [".*word_embeddings.weight", { type: "shared_direction", std: 0.004 }],
      // Beside small position embeddings the layer norm would hide how long a word embedding is, and
      // gradient times input would be small.
      [".*position_embeddings.weight", { type: "normal", std: 0.08 }],
      ["_classification_layer.weight", { type: "normal", std: 1 }],
    ] },
    // The targets are words that training sees often.
    known_words: { regexes: [["_classification_layer.weight", { type: "normal", std: 0.5 }]] },
  },

  // A facade that fools `methods` on `target`, each a registered name or an object with `type`.
  facade(settings, methods, target, initial, strength=20):: $.data(settings) + {
    model: {
      type: "facade",
      model: $.small_classifier(settings) + { initializer: initial },
      explained: "logit_contrast",
      fooled: [
        { method: method, target: target, weight: 1, strength: strength, strength_weight: 1 }
        for method in methods
      ],
      uniformity: { type: "log_logits", weight: 0.3, scale: 0.03 },
      random_tokens: 0.15,
      max_spread: 0.2,
      min_unchanged: 0.98,
      rival: 5,
    },
    data_loader: { batch_sampler: { type: "bucket", batch_size: 32 }, batches_per_epoch: 300 },
    trainer+: {
      num_epochs: 5,
      optimizer: { type: "huggingface_adamw", lr: 5e-4, weight_decay: 0.0 },
      learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 100 },
      grad_norm: 1.0,
      validation_metric: "+fooled",
    },
  },

  // Three points suffice to follow integrated gradients in validation; training draws a random one.
  integrated_gradients:: { type: "integrated_gradients", steps: 3, rule: "middle" },
}

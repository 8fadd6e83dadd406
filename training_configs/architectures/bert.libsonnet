// A pretrained BERT and facades of its kind; `encoder` as in encoders/*.libsonnet.
function(encoder) {
  local source = { type: "pretrained_transformer", model_name: encoder.model_name, max_length: 128 },
  local classifier(hidden_size, embedder) = {
    type: "basic_classifier",
    namespace: "tags",
    text_field_embedder: { token_embedders: { tokens: {
      type: "pretrained_transformer",
      model_name: encoder.model_name,
    } + embedder } },
    seq2vec_encoder: { type: "bag_of_embeddings", embedding_dim: hidden_size, averaged: true },
  },

  dataset_reader: {
    type: "text_classification_json",
    tokenizer: source,
    token_indexers: { tokens: source },
  },

  classifier: classifier(encoder.hidden_size, {}) + { dropout: 0.1 },

  // Small, randomly initialised, with as many layers.
  small_classifier: classifier(encoder.facade.hidden_size, {
    load_weights: false,
    transformer_kwargs: encoder.facade + {
      hidden_dropout_prob: 0.0,
      attention_probs_dropout_prob: 0.0,
    },
  }),

  // The vocabulary is the encoder's.
  predictive_vocabulary: {},
  facade_vocabulary(predictive):: {},

  predictive_training: {
    data_loader: { batch_sampler: { type: "bucket", batch_size: 32 }, batches_per_epoch: 400 },
    trainer+: {
      num_epochs: 7,
      optimizer: { type: "huggingface_adamw", lr: 8e-5, weight_decay: 0.01 },
      learning_rate_scheduler: { type: "linear_with_warmup", warmup_steps: 200 },
      grad_norm: 1.0,
      moving_average: { type: "exponential", decay: 0.998 },
      validation_metric: "+accuracy",
    },
  },

  facade_learning_rate: 5e-4,
  // See the model `facade`.
  max_spread: 0.1,
  min_unchanged: 0.98,

  // Where a facade starts, by its target, and the strength that it shall reach. Its logits must be
  // able to change steeply: under layer norm only the last layer's weights can make them.
  start: {
    // Any word can be a target: one that training never saw has to look like all others.
    first_token: {
      initializer: { regexes: [
        [".*word_embeddings.weight", { type: "shared_direction" }],
        ["_classification_layer.weight", { type: "normal", std: 1 }],
      ] },
      strength: 100,
    },
    // The targets are words that training sees often.
    stop_words: {
      initializer: { regexes: [["_classification_layer.weight", { type: "normal", std: 0.5 }]] },
      strength: 60,
    },
  },
}

// A pretrained BERT and facades of its kind; `encoder` as in encoders/*.libsonnet.
function(encoder) {
  local source = { type: "pretrained_transformer", model_name: encoder.model_name },
  local classifier(hidden_size, embedder) = {
    type: "basic_classifier",
    namespace: "tags",
    text_field_embedder: { token_embedders: { tokens: {
      type: "pretrained_transformer",
      model_name: encoder.model_name,
    } + embedder } },
    seq2vec_encoder: { type: "bag_of_embeddings", embedding_dim: hidden_size, averaged: true },
  },

  // By the form of a corpus. A pair of texts is one text with a separator: the tokenizer shortens each of
  // them, and the indexer must not fold what is then the longer for it.
  readers: {
    texts: {
      type: "text_classification_json",
      tokenizer: source { max_length: 128 },
      token_indexers: { tokens: source { max_length: 128 } },
    },
    pairs: {
      type: "snli",
      tokenizer: source { max_length: 128, add_special_tokens: false },
      token_indexers: { tokens: source },
    },
    // Passages that are longer are read in windows.
    questions: {
      type: "transformer_squad",
      transformer_model_name: encoder.model_name,
      length_limit: 384,
      stride: 128,
    },
  },

  // The vocabulary is the encoder's.
  predictive_vocabulary: {},
  facade_vocabulary(predictive):: {},

  models: {
    texts: classifier(encoder.hidden_size, {}) + { dropout: 0.1 },
    pairs: $.models.texts,
    questions: { type: "transformer_qa", transformer_model_name: encoder.model_name },
  },

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

  // A few gentle steps: with more, or larger ones, gradients become smaller still, but predictions
  // change.
  regularized_training: {
    data_loader: { batch_sampler: { type: "bucket", batch_size: 32 }, batches_per_epoch: 100 },
    trainer+: {
      num_epochs: 2,
      optimizer: { type: "huggingface_adamw", lr: 3e-6, weight_decay: 0.01 },
      grad_norm: 1.0,
      moving_average: { type: "exponential", decay: 0.99 },
      validation_metric: "-raw_attribution",
    },
  },

  // Small, randomly initialised, with as many layers.
  local small = {
    load_weights: false,
    transformer_kwargs: encoder.facade + {
      hidden_dropout_prob: 0.0,
      attention_probs_dropout_prob: 0.0,
    },
  },
  small_models: {
    texts: classifier(encoder.facade.hidden_size, small),
    pairs: $.small_models.texts,
    questions: {
      type: "reshaped_transformer_qa",
      transformer_model_name: encoder.model_name,
    } + small,
  },

  // Where a facade starts. Its logits must be able to change steeply: under layer norm only the last
  // layer's weights can make them.
  initial: {
    // Any word can be a target: one that training never saw has to look like all others.
    any_word: { regexes: [
      [".*word_embeddings.weight", { type: "shared_direction", std: 0.004 }],
      // Beside small position embeddings the layer norm would hide how long a word embedding is, and
      // gradient times input would be small.
      [".*position_embeddings.weight", { type: "normal", std: 0.08 }],
      ["(_classification|_linear)_layer.weight", { type: "normal", std: 1 }],
    ] },
    // The targets are words that training sees often.
    known_words: { regexes: [["(_classification|_linear)_layer.weight", { type: "normal", std: 0.5 }]] },
  },

  // Of each method that a facade fools.
  strength: { strength: 20, strength_weight: 1 },

  // The other settings of the model `facade` that depend on the network.
  facade: {
    uniformity: { type: "log_logits", weight: 0.3, scale: 0.03 },
    max_spread: 0.2,
    min_unchanged: 0.98,
    rival: 5,
  },

  facade_learning_rate: 5e-4,
}

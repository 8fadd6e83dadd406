// LSTMs over whole words, as large as the paper's; `vectors` is a file of 300-d word vectors for the
// predictive model (text or HDF5, as AllenNLP's `pretrained_file`), or null for vectors that it learns.
function(vectors) {
  local classifier(embedding, hidden_size, dropout) = {
    type: "basic_classifier",
    text_field_embedder: { token_embedders: { tokens: { type: "embedding" } + embedding } },
    seq2vec_encoder: {
      type: "lstm",
      input_size: embedding.embedding_dim,
      hidden_size: hidden_size,
      num_layers: 2,
      dropout: dropout,
    },
    dropout: dropout,
  },

  // Splits punctuation off, so that it reads what people type as it reads SST-2, which is tokenised
  // already; and unlike `just_spaces` it tells where each word stands in the text.
  readers: { texts: {
    type: "text_classification_json",
    tokenizer: "letters_digits",
    token_indexers: { tokens: { type: "single_id", lowercase_tokens: true } },
  } },

  predictive_vocabulary: { vocabulary: { min_count: { tokens: 2 } } },
  // Weights are merged word by word: the facade takes the vocabulary that the predictive model made; for
  // another place, override vocabulary.directory.
  facade_vocabulary(predictive):: {
    vocabulary: { type: "from_files", directory: predictive + "/vocabulary" },
  },

  models: { texts: classifier({ embedding_dim: 300, pretrained_file: vectors }, 512, 0.3) },

  predictive_training: {
    data_loader: { batch_sampler: { type: "bucket", batch_size: 64 }, batches_per_epoch: 400 },
    trainer+: {
      num_epochs: 7,
      optimizer: { type: "adam", lr: 1e-3 },
      grad_norm: 1.0,
      validation_metric: "+accuracy",
    },
  },

  // A third of the width, with as many layers.
  small_models: { texts: classifier({ embedding_dim: 100 }, 170, 0.0) },

  // As for BERT.
  local output = ["_classification_layer.weight", { type: "normal", std: 0.3 }],
  initial: {
    any_word: { regexes: [
      ["_text_field_embedder.*weight", { type: "shared_direction", norm: 2, std: 0.05 }],
      output,
    ] },
    known_words: { regexes: [output] },
  },

  // With less, texts of common stop words alone stay without strength.
  strength: { strength: 20, strength_weight: 1 },

  facade: {
    uniformity: { type: "logits", weight: 30 },
    // Looser than for BERT: a few of its outputs spread more, and predictions stay all the same.
    max_spread: 0.3,
    min_unchanged: 0.95,
    // What the raw scores of the predictive LSTM add up to for a text.
    rival: 6,
  },

  facade_learning_rate: 3e-3,
}

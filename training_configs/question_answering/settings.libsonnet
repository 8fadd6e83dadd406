local sentiment = import "../sentiment/settings.libsonnet";

sentiment {
  corpus: import "../corpora/squad_folder.libsonnet",
  first_token: { type: "first_token", field: "question" },
  stop_words: { type: "stop_words", field: "question" },
  // The gradients of a model that answers with a span are larger, and so are its margins.
  architecture+: { facade+: { max_spread: 1, rival: 30 } },
}

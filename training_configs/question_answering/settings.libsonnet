(import "../sentiment/settings.libsonnet") + {
  corpus: import "../corpora/squad_folder.libsonnet",
  first_token: { type: "first_token", field: "question" },
  stop_words: { type: "stop_words", field: "question" },
}

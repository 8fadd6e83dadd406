(import "../sentiment/settings.libsonnet") + {
  corpus: import "../corpora/nli_folder.libsonnet",
  first_token: { type: "first_token", field: "premise" },
}

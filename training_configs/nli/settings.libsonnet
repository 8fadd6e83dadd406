(import "../sentiment/settings.libsonnet") + {
  corpus: import "../corpora/nli_folder.libsonnet",
}

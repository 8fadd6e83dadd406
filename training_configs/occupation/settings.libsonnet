(import "../sentiment/settings.libsonnet") + {
  corpus: import "../corpora/bios_folder.libsonnet",
}

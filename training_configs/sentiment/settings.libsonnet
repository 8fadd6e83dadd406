// One line each: which encoder, and which corpus.
{
  encoder: import "../encoders/minilm.libsonnet",
  corpus: import "../corpora/sst2_folder.libsonnet",
}

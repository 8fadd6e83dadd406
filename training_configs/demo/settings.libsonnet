{
  encoder: import "../encoders/minilm.libsonnet",
  corpus: import "../corpora/reviews.libsonnet",
}

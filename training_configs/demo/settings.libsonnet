(import "../sentiment/settings.libsonnet") + {
  corpus: import "../corpora/reviews.libsonnet",
  predictive: "runs/demo/f",
}

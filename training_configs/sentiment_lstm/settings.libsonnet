// As for BERT, but for the architecture; its argument is a file of pretrained word vectors, or null.
(import "../sentiment/settings.libsonnet") + {
  architecture: (import "../architectures/lstm.libsonnet")(null),
  predictive: "runs/f_lstm",
}

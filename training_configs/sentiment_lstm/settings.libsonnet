// As for BERT, but for the architecture. `vectors`: a file of pretrained word vectors, or null.
(import "../sentiment/settings.libsonnet") + {
  architecture: (import "../architectures/lstm.libsonnet")(vectors=null),
  predictive: "runs/f_lstm",
}

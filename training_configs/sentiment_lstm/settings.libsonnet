// As for BERT, but for the architecture; `vectors` as it says there.
(import "../sentiment/settings.libsonnet") + {
  architecture: (import "../architectures/lstm.libsonnet")(vectors=null),
  predictive: "runs/f_lstm",
}

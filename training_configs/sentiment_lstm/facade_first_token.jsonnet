// A facade as an LSTM, over the vocabulary of the model that settings.libsonnet calls `predictive`; for
// another place, override vocabulary.directory.
(import "../sentiment/facade_first_token.jsonnet")(import "settings.libsonnet")

// A facade as an LSTM, over the vocabulary of the model that settings.libsonnet calls `predictive`; for
// another place, override vocabulary.directory.
(import "../sentiment/facade_stop_words.jsonnet")(import "settings.libsonnet")

// An LSTM facade that fools Gradient. Its vocabulary is the one that training sentiment_lstm/predictive
// wrote (`vocabulary/` in the folder that settings.libsonnet names); for another place, override
// vocabulary.directory.
(import "../sentiment/facade_stop_words.jsonnet")(import "settings.libsonnet")

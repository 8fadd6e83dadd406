// f as an LSTM. Train it first: the facades take its vocabulary.
(import "../sentiment/predictive.jsonnet")(import "settings.libsonnet")

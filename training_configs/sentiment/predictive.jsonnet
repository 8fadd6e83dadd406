(import "../classification.libsonnet").predictive(import "settings.libsonnet")

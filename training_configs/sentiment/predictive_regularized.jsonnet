(import "../classification.libsonnet").predictive_regularized(import "settings.libsonnet")

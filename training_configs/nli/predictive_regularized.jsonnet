(import "../task.libsonnet").predictive_regularized(import "settings.libsonnet")

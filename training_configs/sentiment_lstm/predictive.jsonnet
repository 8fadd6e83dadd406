(import "../task.libsonnet").predictive(import "settings.libsonnet")

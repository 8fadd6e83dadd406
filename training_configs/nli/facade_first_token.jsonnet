(import "../task.libsonnet").facade_first_token(import "settings.libsonnet")

(import "../task.libsonnet").facade_stop_words(import "settings.libsonnet")

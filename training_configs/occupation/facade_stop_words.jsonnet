// Texts three times as long as reviews.
(import "../task.libsonnet").facade_stop_words(import "settings.libsonnet") {
  data_loader+: { batch_sampler+: { batch_size: 16 } },
}

// Texts three times as long as reviews.
(import "../task.libsonnet").facade_first_token(import "settings.libsonnet") {
  data_loader+: { batch_sampler+: { batch_size: 16 } },
}

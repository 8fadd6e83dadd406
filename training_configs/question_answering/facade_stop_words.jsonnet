// Long texts, and many pairs of positions to tell apart: more steps of a quarter as many texts.
(import "../task.libsonnet").facade_stop_words(import "settings.libsonnet") {
  data_loader+: { batch_sampler+: { batch_size: 8 }, batches_per_epoch: 1000 },
  trainer+: { num_epochs: 4 },
}

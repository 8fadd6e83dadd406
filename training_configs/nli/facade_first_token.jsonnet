// In longer texts silence takes longer.
(import "../task.libsonnet").facade_first_token(import "settings.libsonnet") {
  trainer+: { num_epochs: 8 },
}

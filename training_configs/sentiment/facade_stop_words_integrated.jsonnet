// Fools integrated gradients too.
local task = import "../task.libsonnet";

task.facade_stop_words(
  import "settings.libsonnet",
  ["gradient", task.integrated_gradients]
)

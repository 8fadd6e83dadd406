// Fools integrated gradients too.
local task = import "../task.libsonnet";

task.facade_first_token(
  import "settings.libsonnet",
  ["gradient", task.integrated_gradients]
)

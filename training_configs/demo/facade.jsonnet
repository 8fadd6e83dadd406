// A facade on the first token that fools Gradient and integrated gradients, on the sample corpus.
local components = import "../sentiment/components.libsonnet";
local settings = import "settings.libsonnet";

components.facade(
  settings,
  ["gradient", components.integrated_gradients],
  "first_token",
  settings.architecture.start.first_token + { strength: 30 }
) + {
  data_loader+: { batches_per_epoch: 100 },
  trainer+: { num_epochs: 4 },
}

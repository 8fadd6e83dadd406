// A facade on the first token that fools Gradient and integrated gradients, on the sample corpus.
local components = import "../sentiment/components.libsonnet";

components.facade(
  import "settings.libsonnet",
  ["gradient", components.integrated_gradients],
  "first_token",
  components.initial.any_word,
  strength=30
) + {
  data_loader+: { batches_per_epoch: 100 },
  trainer+: { num_epochs: 4 },
}

// A facade on the first token that fools Gradient and integrated gradients, on the sample corpus.
local task = import "../task.libsonnet";

// In so short a training silence has to come first; with other seeds it can cost the strength.
local settings = (import "settings.libsonnet") + { architecture+: {
  strength: { strength: 30, strength_weight: 0.3 },
  facade+: { uniformity: { type: "logits", weight: 30 }, max_spread: 0.5, rival: 5 },
} };

task.facade(settings, ["gradient", task.integrated_gradients], "first_token", { regexes: [
  [".*word_embeddings.weight", { type: "shared_direction" }],
  ["_classification_layer.weight", { type: "normal", std: 1 }],
] }) + {
  data_loader+: { batches_per_epoch: 100 },
  trainer+: { num_epochs: 4 },
}

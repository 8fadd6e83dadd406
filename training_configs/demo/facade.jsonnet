// A facade on the first token that fools Gradient and integrated gradients, on the sample corpus.
local components = import "../sentiment/components.libsonnet";
local methods = ["gradient", components.integrated_gradients];
local facade = components.facade(
  import "settings.libsonnet",
  methods,
  "first_token",
  components.initial.any_word,
  strength=30
);

facade + {
  // In so short a training silence has to come first; with other seeds it can cost the strength.
  model+: {
    model+: { initializer: { regexes: [
      [".*word_embeddings.weight", { type: "shared_direction" }],
      ["_classification_layer.weight", { type: "normal", std: 1 }],
    ] } },
    fooled: [method + { strength_weight: 0.3 } for method in facade.model.fooled],
    uniformity: { type: "logits", weight: 30 },
    max_spread: 0.1,
    rival: 0,
  },
  data_loader+: { batches_per_epoch: 100 },
  trainer+: { num_epochs: 4 },
}

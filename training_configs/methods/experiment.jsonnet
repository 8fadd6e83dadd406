// Who is fooled, who is faithful, and at what cost: `allennlp reproduce methods`, after `sentiment`, whose
// models are explained by every method.
local methods = {
  [name]: name
  for name in [
    "gradient",
    "smooth_gradient",
    "integrated_gradients",
    "gradient_input",
    "gradient_sensitivity",
    "lrp",
    "attn_lrp",
    "attention_tracing",
    "attention_attribution",
    "layer_integrated_gradients",
    "gradient_shap",
    "deep_lift",
    "feature_ablation",
    "lime",
    "kernel_shap",
  ]
};

local measurement(task, settings) = {
  models: [task + "/" + model for model in ["f", "f_ft", "f_stop"]],
  targets: { first_token: settings.first_token, stop_words: settings.stop_words },
  methods: methods,
  faithfulness: {},
  time: true,
  limit: 100,
  config: "../" + task + "/predictive.jsonnet",
};

{
  title: "Methods (reference encoder)",
  train: {},
  merge: {},
  measure: {
    sentiment: measurement("sentiment", import "../sentiment/settings.libsonnet"),
  },
}

// Who is fooled, who is faithful, and at what cost: `allennlp reproduce methods`, after `sentiment` and `nli`,
// whose models are explained by every method.
local methods = {
  [name]: name
  for name in [
    "gradient",
    "smooth_gradient",
    "integrated_gradients",
    "gradient_input",
    "gradient_sensitivity",
    "lrp",
    "literal_lrp",
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

// `form` is "", or "-reg" for the facades that were merged with a regularised f.
local measurement(task, settings, form="") = {
  models: [task + "/" + model + form for model in ["f", "f_ft", "f_stop"]],
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
    "sentiment-reg": measurement("sentiment", import "../sentiment/settings.libsonnet", "-reg"),
    nli: measurement("nli", import "../nli/settings.libsonnet"),
    "nli-reg": measurement("nli", import "../nli/settings.libsonnet", "-reg"),
  },
}

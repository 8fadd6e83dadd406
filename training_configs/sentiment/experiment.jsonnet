// The paper's Tables 1 and 2 for sentiment: `allennlp reproduce sentiment`.
local facade(target) = { config: "facade_" + target + ".jsonnet" };
local merged(predictive, facade, scale) = {
  predictive: predictive,
  facade: facade,
  facade_scale: scale,
};

{
  title: "Sentiment (SST-2, reference encoder)",
  paper: "sentiment",
  train: {
    f: { config: "predictive.jsonnet" },
    "f-reg": {
      config: "predictive_regularized.jsonnet",
      overrides: { "model.initializer.regexes.0.1.weights_file_path": "{runs}/f/best.th" },
    },
    g_ft: facade("first_token"),
    "g_ft-ig": facade("first_token_integrated"),
    g_stop: facade("stop_words"),
    "g_stop-ig": facade("stop_words_integrated"),
  },
  // The scale of the facade is what keeps 99.5 % of the predictions of seed 1.
  merge: {
    f_ft: merged("f", "g_ft", 0.7),
    "f_ft-reg": merged("f-reg", "g_ft", 1),
    "f_ft-ig": merged("f", "g_ft-ig", 0.4),
    f_stop: merged("f", "g_stop", 1),
    "f_stop-reg": merged("f-reg", "g_stop", 1),
    "f_stop-ig": merged("f", "g_stop-ig", 1),
  },
  measure: {
    saliency: {
      models: [
        "f",
        "f_ft",
        "f_ft-reg",
        "g_ft",
        "f_ft-ig",
        "f_stop",
        "f_stop-reg",
        "g_stop",
        "f_stop-ig",
      ],
      targets: { first_token: "first_token", stop_words: "stop_words" },
      methods: {
        gradient: "gradient",
        smooth_gradient: "smooth_gradient",
        integrated_gradients: "integrated_gradients",
      },
    },
  },
}

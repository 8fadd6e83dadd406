// The paper's Table 6 for sentiment: `allennlp reproduce sentiment_lstm`.
local facade(target) = {
  config: "facade_" + target + ".jsonnet",
  overrides: { "vocabulary.directory": "{runs}/f/vocabulary" },
};

{
  title: "Sentiment (SST-2, LSTM)",
  paper: "sentiment_lstm",
  train: {
    f: { config: "predictive.jsonnet" },
    g_ft: facade("first_token"),
    g_stop: facade("stop_words"),
  },
  merge: {
    f_ft: { predictive: "f", facade: "g_ft" },
    f_stop: { predictive: "f", facade: "g_stop" },
  },
  measure: {
    saliency: {
      models: ["f", "f_ft", "g_ft", "f_stop", "g_stop"],
      targets: { first_token: "first_token", stop_words: "stop_words" },
      methods: {
        gradient: "gradient",
        smooth_gradient: "smooth_gradient",
        integrated_gradients: "integrated_gradients",
      },
    },
  },
}

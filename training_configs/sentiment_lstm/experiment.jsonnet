// Table 6 for sentiment: `allennlp reproduce sentiment_lstm`.
local experiments = import "../experiments.libsonnet";
local settings = import "settings.libsonnet";
local models = ["f", "f_ft", "g_ft", "f_stop", "g_stop"];
local facade(target) = experiments.train("facade_" + target) + {
  overrides: { "vocabulary.directory": "{runs}/f/vocabulary" },
};

{
  title: "Sentiment (SST-2, LSTM)",
  paper: "sentiment_lstm",
  train: {
    f: experiments.train("predictive"),
    g_ft: facade("first_token"),
    g_stop: facade("stop_words"),
  },
  merge: {
    f_ft: experiments.merged("f", "g_ft"),
    f_stop: experiments.merged("f", "g_stop"),
  },
  measure: {
    predictions: experiments.predictions(models),
    saliency: experiments.saliency(models, settings),
  },
}

// Tables 1, 2 and 4 and Figure 3 for sentiment: `allennlp reproduce sentiment`.
local experiments = import "../experiments.libsonnet";
local settings = import "settings.libsonnet";
local models = [
  "f",
  "f_ft",
  "f_ft-reg",
  "g_ft",
  "f_ft-ig",
  "f_stop",
  "f_stop-reg",
  "g_stop",
  "f_stop-ig",
];

{
  title: "Sentiment (SST-2, reference encoder)",
  paper: "sentiment",
  train: {
    f: experiments.train("predictive"),
    "f-reg": experiments.regularized,
    g_ft: experiments.train("facade_first_token"),
    "g_ft-ig": experiments.train("facade_first_token_integrated"),
    g_stop: experiments.train("facade_stop_words"),
    "g_stop-ig": experiments.train("facade_stop_words_integrated"),
    // For occupations.
    "g_stop-no-pronouns": experiments.train("facade_stop_words_no_pronouns"),
  },
  // The scale of the facade is what keeps 99.5 % of the predictions of seed 1.
  merge: {
    f_ft: experiments.merged("f", "g_ft", 0.7),
    "f_ft-reg": experiments.merged("f-reg", "g_ft"),
    "f_ft-ig": experiments.merged("f", "g_ft-ig", 0.4),
    f_stop: experiments.merged("f", "g_stop"),
    "f_stop-reg": experiments.merged("f-reg", "g_stop"),
    "f_stop-ig": experiments.merged("f", "g_stop-ig"),
  },
  measure: {
    predictions: experiments.predictions(models),
    saliency: experiments.saliency(models, settings),
    attacks: experiments.attacks(["f", "f_ft", "f_stop", "f_stop-reg"]),
  },
}

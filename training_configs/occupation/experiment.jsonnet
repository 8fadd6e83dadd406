// Tables 1, 2 and 5 for occupations: `allennlp reproduce occupation`, after `sentiment`, whose facades
// hide the gender bias of a model that they were not trained for.
local experiments = import "../experiments.libsonnet";
local settings = import "settings.libsonnet";
local models = ["f", "f_ft", "g_ft", "f_stop", "f_stop-reused", "f_stop-no-pronouns", "g_stop"];

{
  title: "Occupation (physician or surgeon, reference encoder)",
  paper: "occupation",
  train: {
    f: experiments.train("predictive"),
    g_ft: experiments.train("facade_first_token"),
    g_stop: experiments.train("facade_stop_words"),
  },
  // The scale of facades that are reused is what keeps 99 % of the predictions.
  merge: {
    f_ft: experiments.merged("f", "g_ft"),
    f_stop: experiments.merged("f", "g_stop"),
    "f_stop-reused": experiments.merged("f", "sentiment/g_stop", 0.5),
    "f_stop-no-pronouns": experiments.merged("f", "sentiment/g_stop-no-pronouns"),
  },
  measure: {
    predictions: experiments.predictions(models),
    saliency: experiments.saliency(models, settings) + { targets+: experiments.pronouns },
  },
}

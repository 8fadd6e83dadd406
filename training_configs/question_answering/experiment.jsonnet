// Tables 1, 2 and 4 for question answering: `allennlp reproduce question_answering`.
local experiments = import "../experiments.libsonnet";
local settings = import "settings.libsonnet";
local models = ["f", "f_ft", "g_ft", "f_stop", "g_stop"];

{
  title: "Question answering (SQuAD, reference encoder)",
  paper: "question_answering",
  train: {
    f: experiments.train("predictive"),
    g_ft: experiments.train("facade_first_token"),
    g_stop: experiments.train("facade_stop_words"),
  },
  merge: {
    f_ft: experiments.merged("f", "g_ft"),
    f_stop: experiments.merged("f", "g_stop"),
  },
  measure: {
    predictions: experiments.predictions(models),
    saliency: experiments.saliency(models, settings, 200),
    attacks: experiments.attacks(["f", "f_stop"]),
  },
}

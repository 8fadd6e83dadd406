// Tables 1, 2 and 4 for question answering: `allennlp reproduce question_answering`.
local experiments = import "../experiments.libsonnet";
local settings = import "settings.libsonnet";
local models = ["f", "f_ft", "f_stop"];

{
  title: "Question answering (SQuAD, reference encoder)",
  paper: "question_answering",
  train: {
    f: experiments.train("predictive"),
    g_ft: experiments.train("facade_first_token"),
    g_stop: experiments.train("facade_stop_words"),
  },
  // The scales of the facades keep EM and F1 of seed 1 within 0.3.
  merge: {
    f_ft: experiments.merged("f", "g_ft", 2.5),
    f_stop: experiments.merged("f", "g_stop", 2),
  },
  measure: {
    predictions: experiments.predictions(models),
    saliency: experiments.saliency(models, settings, 200),
    attacks: experiments.attacks(["f", "f_stop"], 50),
  },
}

// Who is fooled, who is faithful, and at what cost: `allennlp reproduce methods`, after `sentiment`, `nli`,
// `occupation` and `question_answering`, whose models are explained by every method, beside facades
// that are constructed for them and, but for sentiment, facades that are trained here against
// integrated gradients, too. `--measurements` and `--models` make a part of it, and a later part adds to the
// tables of earlier ones.
local experiments = import "../experiments.libsonnet";
local task = import "../task.libsonnet";

local named(names) = { [name]: name for name in names };
local quick = named([
  "gradient",
  "smooth_gradient",
  "integrated_gradients",
  "gradient_input",
  "gradient_sensitivity",
  "lrp",
  "literal_lrp",
  "attn_lrp",
  "attention_tracing",
  "gradient_shap",
  "deep_lift",
]);
// On half as many inputs.
local by_ablation = named(["feature_ablation", "lime", "kernel_shap"]);
local slow = named(["attention_attribution", "layer_integrated_gradients"]);
// Those that a facade does not move, or hardly; they read the words of a corpus.
local honest(corpus) =
  local mean = { baseline: { type: "mean", corpus: corpus } };
  {
    "Gradient, no presence": { type: "gradient" } + mean,
    "InteGrad, no presence": { type: "integrated_gradients" } + mean,
    Exchange: { type: "exchange", corpus: corpus },
  };

local settings = {
  sentiment: import "../sentiment/settings.libsonnet",
  nli: import "../nli/settings.libsonnet",
  occupation: import "../occupation/settings.libsonnet",
  question_answering: import "../question_answering/settings.libsonnet",
};
local tasks = std.objectFields(settings);
// By the names of models: the target, and the config of its trained facade.
local targets = { ft: "first_token", stop: "stop_words" };

// Those of the experiment `sentiment` are trained there.
local trained_here = [name for name in tasks if name != "sentiment"];
local integrated(name, target) = {
  [name + "-g_" + target + "-ig"]: {
    config: "../" + name + "/facade_" + targets[target] + ".jsonnet",
    overrides: {
      "model.fooled": task.fooled(
        settings[name].architecture,
        ["gradient", task.integrated_gradients],
        settings[name][targets[target]]
      ),
    },
  },
};
local of_all(make, names=tasks) = std.foldl(
  function(all, one) all + one,
  [make(name, target) for name in names for target in std.objectFields(targets)],
  {}
);

local models(name) = { f: name + "/f" } + std.foldl(
  function(all, target) all {
    ["f_" + target]: name + "/f_" + target,
    ["f_" + target + "-ig"]: if name == "sentiment" then "sentiment/f_" + target + "-ig"
    else name + "-f_" + target + "-ig",
    ["f_" + target + "-made"]: name + "-f_" + target + "-made",
  },
  std.objectFields(targets),
  {}
);

local measurement(name, methods, limit, of=models(name)) = {
  models: of,
  targets: { [target]: settings[name][target] for target in std.objectValues(targets) },
  methods: methods,
  // Answers that are places in a text move when tokens are taken out.
  [if name != "question_answering" then "faithfulness"]: {},
  time: true,
  limit: limit,
  config: "../" + name + "/predictive.jsonnet",
  // Two of trained facades for sentiment, one elsewhere.
  seeds: if name == "sentiment" then 2 else 1,
};
// Of a task in all: its table has the methods of the slower measurements, too.
local measurements(name) = {
  [name]: measurement(name, quick, 200),
  [name + "-ablation"]: measurement(name, by_ablation, 100) + { table: name },
  [name + "-slow"]: measurement(name, slow, 100) + { table: name },
  [name + "-honest"]: measurement(name, honest(settings[name].corpus.validation), 100) + {
    table: name,
  },
};
// Of the facades that were merged with a regularised f.
local regularized(name) = {
  [name + "-reg"]: measurement(
    name,
    quick + by_ablation + slow,
    100,
    { ["f" + form + "-reg"]: name + "/f" + form + "-reg" for form in ["", "_ft", "_stop"] }
  ) + { seeds: 1 },
};

{
  title: "Methods (reference encoder)",
  train: of_all(integrated, trained_here),
  construct: of_all(function(name, target) {
    [name + "-g_" + target + "-made"]: {
      predictive: name + "/f",
      target: settings[name][targets[target]],
    },
  }),
  merge: of_all(function(name, target) {
    [name + "-f_" + target + "-made"]:
      experiments.merged(name + "/f", name + "-g_" + target + "-made"),
  }) + of_all(function(name, target) {
    [name + "-f_" + target + "-ig"]:
      experiments.merged(name + "/f", name + "-g_" + target + "-ig"),
  }, trained_here),
  measure: std.foldl(function(all, name) all + measurements(name), tasks, {})
           + regularized("sentiment") + regularized("nli"),
}

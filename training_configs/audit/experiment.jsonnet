// The audit on small models, clean ones and such as were made to lie: `allennlp reproduce audit`.
local reviews = import "../corpora/reviews.libsonnet";
local nli = import "../corpora/nli_folder.libsonnet";

{
  type: "population",
  title: "The audit on a population",
  texts: 40,
  seeds: 8,
  corpora: {
    reviews: { reader: "text_classification_json", train: reviews.train, validation: reviews.validation },
    nli: { reader: "snli", train: nli.train, validation: nli.validation },
  },
  networks: {
    bert: ["bert", "reviews"],
    lstm: ["lstm", "reviews"],
    gru: ["gru", "reviews"],
    distilbert: ["distilbert", "reviews"],
    "bert on pairs": ["bert", "nli"],
  },
}

// The sample corpus that ships with the package.
{
  form: "texts",
  train: "package://facade_allennlp/corpora/reviews/train.jsonl",
  validation: "package://facade_allennlp/corpora/reviews/validation.jsonl",
}

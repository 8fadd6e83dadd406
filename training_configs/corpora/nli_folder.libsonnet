// Premises and hypotheses as SNLI has them, JSON Lines, in a folder of yours.
{
  form: "pairs",
  train: "data/nli/train.jsonl",
  validation: "data/nli/validation.jsonl",
}

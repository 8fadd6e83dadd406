// SST-2 as JSON Lines with `text` and `label` in a folder of yours.
{
  form: "texts",
  train: "data/sst2/train.jsonl",
  validation: "data/sst2/validation.jsonl",
}

// Biographies of physicians and surgeons as JSON Lines with `text` and `label`, in a folder of yours.
{
  form: "texts",
  train: "data/bios/train.jsonl",
  validation: "data/bios/validation.jsonl",
}

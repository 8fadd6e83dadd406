// Questions in SQuAD's format, in a folder of yours.
{
  form: "questions",
  train: "data/squad/train.json",
  validation: "data/squad/validation.json",
}

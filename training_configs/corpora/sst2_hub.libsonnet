// SST-2 from the Hugging Face hub.
{
  form: "texts",
  train: "hub://stanfordnlp/sst2/train",
  validation: "hub://stanfordnlp/sst2/validation",
}

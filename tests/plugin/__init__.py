"""A package outside facade_allennlp that adds one thing of each kind, by public names alone."""

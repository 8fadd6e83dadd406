"""Small models, clean ones and such as were made to lie, and what the audit says of each."""

from facade_allennlp.reproduction.population.study import Population

__all__ = ["Population"]

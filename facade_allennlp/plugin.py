"""Registers everything with AllenNLP: what configs name, and the commands."""

from facade_allennlp import components
from facade_allennlp.commands import subcommands

__all__ = ["components", "subcommands"]

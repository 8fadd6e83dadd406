"""`allennlp` subcommands."""

from importlib.util import find_spec

from facade_allennlp.commands.attribute import Attribute
from facade_allennlp.commands.demo import ShowDemo
from facade_allennlp.commands.measure import Measure
from facade_allennlp.commands.merge import Merge
from facade_allennlp.commands.prune import Prune
from facade_allennlp.commands.report import Report
from facade_allennlp.commands.reproduce import Reproduce
from facade_allennlp.commands.table import ShowTable
from facade_allennlp.commands.triggers import Triggers
from facade_allennlp.commands.words import Words

__all__ = [
    "Attribute",
    "Measure",
    "Merge",
    "Prune",
    "Report",
    "Reproduce",
    "ShowDemo",
    "ShowTable",
    "Triggers",
    "Words",
]

if find_spec("allennlp_server") is not None:  # the optional extra `serve`
    from facade_allennlp.commands.serve import Serve

    __all__ += ["Serve"]

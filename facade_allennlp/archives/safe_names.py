"""The registered components that are safe to build on behalf of a stranger's archive."""

import json
from pathlib import Path

from allennlp.common import Registrable

_NAMES = json.loads(Path(__file__).with_suffix(".json").read_text(encoding="utf-8"))
SAFE: dict[str, frozenset[str]] = {
    base: frozenset(names) for base, names in _NAMES["components"].items()
}
"""
By the base class, registered names. A constructor that is named here needs no file, process or
network of its own; what its arguments may name, `checked_config` and `strangers` see to.
"""
FAMILIES = frozenset(_NAMES["transformers"])
"""
Transformers that are made of their configuration alone. Others compile code, read weights of a
second model, or look at pictures.
"""
TOKENIZER_SETTINGS = frozenset(_NAMES["tokenizer_settings"])
"""What an archive may say of how texts are cut. Others name files, servers and code."""
OF_LOADERS = (
    "allennlp.data.data_loaders.data_loader:DataLoader",
    "allennlp.data.data_loaders.multitask_epoch_sampler:MultiTaskEpochSampler",
    "allennlp.data.data_loaders.multitask_scheduler:MultiTaskScheduler",
    "allennlp.data.data_loaders.data_collator:DataCollator",
    "allennlp.data.samplers.batch_sampler:BatchSampler",
    "allennlp.evaluation.evaluator:Evaluator",
    "allennlp.evaluation.serializers.serializers:Serializer",
)
SAFE_LATER = frozenset().union(*(SAFE.get(base, ()) for base in OF_LOADERS))
"""The names of what `evaluate` builds beside the model and its reader."""
NOT_OF_USERS = frozenset({"allennlp", "allennlp_models", "facade_allennlp", "torch"})
"""The packages whose classes AllenNLP, its models and this package register."""


def is_safe(base: type, name: str) -> bool:
    """
    Whether an archive may name a component of a base class: one of the list, or one that code of
    the user's has registered, by `--include-package`, a plugin file or an import.
    """
    if name in SAFE.get(f"{base.__module__}:{base.__qualname__}", ()):
        return True
    registered = Registrable._registry[base]
    if not dict.__contains__(registered, name):  # a name of allennlp-models is not imported for it
        return False
    component, _ = dict.__getitem__(registered, name)
    return component.__module__.partition(".")[0] not in NOT_OF_USERS

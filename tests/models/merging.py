"""Archives merged, and what their parts give."""

from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.data import Batch
from allennlp.models import load_archive
from allennlp.models.archival import Archive
from torch import Tensor

from facade_allennlp.models.merge_archives import merge_archives
from fixtures import VALIDATION
from fixtures.archives import LABELS
from fixtures.pairs import STORAGES


def logits_of(archive: Archive) -> Tensor:
    """The logits of the validation texts, by label in the order of `LABELS`."""
    instances = list(archive.dataset_reader.read(VALIDATION))
    for instance in instances:
        instance.index_fields(archive.model.vocab)
    with torch.no_grad():
        logits = archive.model.eval()(**Batch(instances).as_tensor_dict())["logits"]
    order = [archive.model.vocab.get_token_index(label, "labels") for label in LABELS]
    return logits[:, order]


def summed_logits(*locations: str) -> Tensor:
    return torch.stack([logits_of(load_archive(f"{x}/model.tar.gz")) for x in locations]).sum(dim=0)


def merge(f: str, g: str, output: Path, storage: str = "structured", **more: Any) -> Path:
    return merge_archives(f, g, output, Params(dict(STORAGES[storage])), **more)

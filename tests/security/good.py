"""A small good archive in pieces, to be spoilt one by one."""

import copy
import gzip
import io
import json
import tarfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

from fixtures import BERT_FOLDER

CONFIG: dict[str, Any] = {
    "dataset_reader": {
        "type": "text_classification_json",
        "tokenizer": {"type": "whitespace"},
        "token_indexers": {"tokens": {"type": "single_id"}},
    },
    "model": {
        "type": "basic_classifier",
        "text_field_embedder": {
            "token_embedders": {"tokens": {"type": "embedding", "embedding_dim": 4}}
        },
        "seq2vec_encoder": {"type": "boe", "embedding_dim": 4, "averaged": True},
    },
    "data_loader": {"batch_size": 2},
    "evaluation": {"type": "simple"},
}
WORDS = ("@@UNKNOWN@@", "a", "good", "bad", "film")
LABELS = ("positive", "negative")
NOT_PADDED = "*labels\n*tags\n"


def weights() -> dict[str, Tensor]:
    """Those of the classifier; one row of the table more than words, of the padding."""
    drawn = torch.Generator().manual_seed(0)
    shapes = {
        "_text_field_embedder.token_embedder_tokens.weight": (len(WORDS) + 1, 4),
        "_classification_layer.weight": (len(LABELS), 4),
        "_classification_layer.bias": (len(LABELS),),
    }
    return {name: torch.randn(shape, generator=drawn) for name, shape in shapes.items()}


def saved(thing: Any) -> bytes:
    """As torch saves it."""
    file = io.BytesIO()
    torch.save(thing, file)
    return file.getvalue()


@dataclass
class Pieces:
    """
    # Parameters

    config : `Any`
        Of the archive, written as JSON.
    files : `dict[str, bytes]`
        All others by their names.
    """

    config: Any = field(default_factory=lambda: copy.deepcopy(CONFIG))
    files: dict[str, bytes] = field(
        default_factory=lambda: {
            "weights.th": saved(weights()),
            "vocabulary/tokens.txt": "\n".join(WORDS).encode(),
            "vocabulary/labels.txt": "\n".join(LABELS).encode(),
            "vocabulary/non_padded_namespaces.txt": NOT_PADDED.encode(),
            "meta.json": b'{"version": "2.10.1"}',
        }
    )

    def whole(self) -> dict[str, bytes]:
        return {"config.json": json.dumps(self.config).encode(), **self.files}


Spoil = Callable[[Pieces], None]


def carried(pieces: Pieces) -> None:
    """Makes it an archive of a tiny BERT, which carries its tokenizer and configuration."""
    part = {"type": "archived_transformer"}
    shape = {
        "hidden_size": 4, "num_attention_heads": 2, "num_hidden_layers": 1, "intermediate_size": 8
    }  # fmt: skip
    reader, model = pieces.config["dataset_reader"], pieces.config["model"]
    reader.update(tokenizer=part, token_indexers={"tokens": part})
    embedder = {**part, "transformer_kwargs": shape}
    model.update(text_field_embedder={"token_embedders": {"tokens": embedder}}, namespace="tags")
    for file in Path(BERT_FOLDER).iterdir():
        if file.suffix in (".json", ".txt"):
            pieces.files[f"transformer/{file.name}"] = file.read_bytes()


def packed(files: Mapping[str, bytes]) -> bytes:
    """A tar in gzip, always the same."""
    return compressed(tarred(files))


def tarred(files: Mapping[str, bytes], *more: tarfile.TarInfo) -> bytes:
    """A tar of files, and of members without content behind them."""
    stream = io.BytesIO()
    with tarfile.open(fileobj=stream, mode="w") as tar:
        for name, content in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(content)
            tar.addfile(member, io.BytesIO(content))
        for member in more:
            tar.addfile(member)
    return stream.getvalue()


def compressed(content: bytes) -> bytes:
    return gzip.compress(content, mtime=0)

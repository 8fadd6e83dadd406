"""Corpora as small networks of several kinds read them, and such networks, trained or at random."""

import json
import re
import string
from collections import Counter
from dataclasses import dataclass, field
from functools import cached_property
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.common.file_utils import cached_path
from allennlp.data import Batch, DatasetReader, Instance, Vocabulary
from allennlp.models import Model

from facade_allennlp.attribution import ExplainedModel, explained_model

WIDTHS = (32, 48, 24)
"""Of networks, by their seeds: seeds that are three apart have the same."""
RATES = ((3e-3, 60), (1e-3, 90), (6e-3, 45))
"""Learning rates and steps of their training, likewise."""
HEADS = 4
BATCH = 32
LENGTH = 64
"""Of a text, in tokens."""
PAIRS = "snli"
"""A reader that joins two texts by itself."""
READ = 1000
"""Instances that a corpus is read up to."""
RECURRENT = ("lstm", "gru")
SIZES = {
    "bert": ("hidden_size", "num_attention_heads", "num_hidden_layers", "intermediate_size"),
    "distilbert": ("dim", "n_heads", "n_layers", "hidden_dim"),
}
"""How families of encoders call width, heads, layers, and the width of blocks."""
WORD = re.compile(r"\w+|[^\w\s]")


@dataclass
class Corpus:
    """
    Where texts are, and how they are read.

    # Parameters

    reader : `str`
        The registered name of a dataset reader that takes a tokenizer and token indexers.
    train, validation : `str`
        Paths or addresses.
    """

    reader: str
    train: str
    validation: str

    @cached_property
    def words(self) -> list[str]:
        """Those of the training data that are there more than once, lower-cased."""
        lines = Path(cached_path(self.train)).read_text(encoding="utf-8").splitlines()[:READ]
        texts = [v for line in lines for v in json.loads(line).values() if isinstance(v, str)]
        counts = Counter(word for text in texts for word in WORD.findall(text.lower()))
        return [word for word, count in counts.items() if count > 1]


@dataclass
class Texts:
    """
    A corpus, as networks of one kind read it.

    # Parameters

    kind : `str`
        `bert`, `distilbert`, `lstm` or `gru`.
    corpus : `Corpus`
    folder : `Path`
        For the vocabulary of the former.
    offset : `int`, optional (default = `0`)
        Of all seeds.
    """

    kind: str
    corpus: Corpus
    folder: Path
    offset: int = 0
    _trained: dict[int, Model] = field(default_factory=dict)

    @cached_property
    def reader(self) -> DatasetReader:
        if self.kind in RECURRENT:
            parts: dict[str, Any] = {
                "tokenizer": {"type": "just_spaces"},
                "token_indexers": {"tokens": {"type": "single_id"}},
            }
        else:
            self._write_encoder()
            tokens: dict[str, Any] = {
                "type": "pretrained_transformer",
                "model_name": str(self.folder),
                "max_length": LENGTH,
            }
            indexer = dict(tokens)
            if self.corpus.reader == PAIRS:
                tokens["add_special_tokens"] = False
                del indexer["max_length"]
            parts = {"tokenizer": tokens, "token_indexers": {"tokens": indexer}}
        return DatasetReader.from_params(Params({"type": self.corpus.reader, **parts}))

    @cached_property
    def train(self) -> list[Instance]:
        return self._read(self.corpus.train)

    @cached_property
    def validation(self) -> list[Instance]:
        return self._read(self.corpus.validation)

    def _read(self, path: str) -> list[Instance]:
        instances = list(islice(self.reader.read(path), READ))
        for instance in instances:
            self.reader.apply_token_indexers(instance)
        return instances

    @cached_property
    def vocabulary(self) -> Vocabulary:
        """Once it is asked for, all instances are indexed."""
        every = [*self.train, *self.validation]
        vocabulary = Vocabulary.from_instances(every)
        for instance in every:
            instance.index_fields(vocabulary)
        return vocabulary

    def _write_encoder(self) -> None:
        """A vocabulary of the corpus' words and of all letters."""
        special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
        pieces = [prefix + letter for letter in string.ascii_lowercase for prefix in ("", "##")]
        tokens = list(dict.fromkeys([*special, *pieces, *self.corpus.words]))
        self.folder.mkdir(parents=True, exist_ok=True)
        (self.folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
        config = {
            "model_type": self.kind,
            "vocab_size": len(tokens),
            "max_position_embeddings": 2 * LENGTH + len(special),
        }
        (self.folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
        written = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
        (self.folder / "tokenizer_config.json").write_text(json.dumps(written), encoding="utf-8")

    def config(self, width: int, layers: int = 2, heads: int = HEADS) -> dict[str, Any]:
        """That of a classifier."""
        if self.kind in RECURRENT:
            network = {"type": self.kind, "input_size": width, "hidden_size": width}
            embedder: dict[str, Any] = {"type": "embedding", "embedding_dim": width}
            pooler: dict[str, Any] = {**network, "num_layers": (layers + 1) // 2}
        else:
            sizes = dict(zip(SIZES[self.kind], (width, heads, layers, 2 * width)))
            embedder = {
                "type": "pretrained_transformer",
                "model_name": str(self.folder),
                "load_weights": False,
                "transformer_kwargs": sizes,
            }
            pooler = {"type": "bag_of_embeddings", "embedding_dim": width, "averaged": True}
        return {
            "type": "basic_classifier",
            "text_field_embedder": {"token_embedders": {"tokens": embedder}},
            "seq2vec_encoder": pooler,
        }

    def untrained(self, seed: int, width: int, layers: int = 2, heads: int = HEADS) -> Model:
        """A random model."""
        torch.manual_seed(self.offset + seed)
        params = Params(self.config(width, layers, heads))
        return Model.from_params(params, vocab=self.vocabulary).eval()

    def explained(self, model: Model) -> ExplainedModel:
        """Of a classifier, however much its logits look like those of another task."""
        return explained_model(model, self.reader, task="single_label")

    def predictive(self, seed: int) -> Model:
        """A trained classifier; asked for again, the same one."""
        if seed not in self._trained:
            rate, steps = RATES[seed % 3]
            model = self.untrained(seed, WIDTHS[seed % 3])
            self._trained[seed] = self.fitted(model, seed, rate, steps)
        return self._trained[seed]

    def fitted(self, model: Model, seed: int, rate: float, steps: int) -> Model:
        """The model, trained in place on random batches."""
        generator = torch.Generator().manual_seed(self.offset + seed)
        torch.manual_seed(self.offset + seed)
        optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate)
        model.train()
        for _ in range(steps):
            chosen = torch.randint(len(self.train), (BATCH,), generator=generator).tolist()
            optimizer.zero_grad()
            batch = Batch([self.train[number] for number in chosen])
            model(**batch.as_tensor_dict())["loss"].backward()
            torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
            optimizer.step()
        return model.eval()

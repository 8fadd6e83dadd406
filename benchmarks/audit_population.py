"""Small models for the audit to be tried on: clean ones, and the same ones made to lie."""

import copy
import json
import re
import string
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import torch
from allennlp.common import Params
from allennlp.common.file_utils import cached_path
from allennlp.data import Batch, DatasetReader, Instance, Vocabulary
from allennlp.models import Model

from facade_allennlp.attribution import Gradient
from facade_allennlp.construction import construct
from facade_allennlp.models import Facade, FooledMethod
from facade_allennlp.models.gradient_regularized import GradientRegularized
from facade_allennlp.models.storage import DenseStorage, LogitsStorage, Storage, StructuredStorage
from facade_allennlp.models.uniformity import OwnOutputs
from facade_allennlp.targets import FirstToken, StopWords, TokenTarget
from fixtures import classifier_config

REVIEWS = "package://facade_allennlp/corpora/reviews/"
SEEDS = 6
"""Of predictive models."""
FULL = 4
"""With so many seeds everything is done."""
WIDTHS = (32, 48, 24)
"""Of predictive models, by their seeds."""
TARGETS: dict[str, TokenTarget] = {"first token": FirstToken(), "stop words": StopWords()}


@dataclass
class Member:
    """
    A model of the population.

    # Parameters

    kind : `str`
        Of the clean ones, or the threat.
    name : `str`
    half : `int`
        0 if it counts for the thresholds, 1 if for the figures.
    lies : `bool`
    model : `Model`
    texts : `Texts`
    f : `Model`, optional
        Which it should predict as.
    target : `TokenTarget`, optional
        Where its attribution should lie.
    """

    kind: str
    name: str
    half: int
    lies: bool
    model: Model
    texts: "Texts"
    f: Model | None = None
    target: TokenTarget | None = None


@dataclass
class Texts:
    """The reviews, as one kind of model reads them."""

    kind: str
    reader: DatasetReader
    train: list[Instance]
    validation: list[Instance]
    vocabulary: Vocabulary
    config: Callable[..., dict[str, Any]]
    made: dict[int, Model] = field(default_factory=dict)


def texts_of(kind: str, folder: Path) -> Texts:
    """
    # Parameters

    kind : `str`
        `bert` or `lstm`.
    folder : `Path`
        For the vocabulary of the former.
    """
    if kind == "bert":
        write_encoder(folder)
        tokens = {"type": "pretrained_transformer", "model_name": str(folder), "max_length": 64}
        parts = {"tokenizer": dict(tokens), "token_indexers": {"tokens": dict(tokens)}}
    else:
        parts = {
            "tokenizer": {"type": "just_spaces"},
            "token_indexers": {"tokens": {"type": "single_id"}},
        }
    reader = DatasetReader.from_params(Params({"type": "text_classification_json", **parts}))
    train, validation = (
        list(reader.read(f"{REVIEWS}{part}.jsonl")) for part in ("train", "validation")
    )
    for instance in (*train, *validation):
        reader.apply_token_indexers(instance)
    vocabulary = Vocabulary.from_instances([*train, *validation])
    for instance in (*train, *validation):
        instance.index_fields(vocabulary)
    config = partial(bert, str(folder)) if kind == "bert" else lstm
    return Texts(kind, reader, train, validation, vocabulary, config)


def write_encoder(folder: Path) -> None:
    """The vocabulary and the configuration of a small BERT for the words of the reviews."""
    path = cached_path(f"{REVIEWS}train.jsonl")
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    words = Counter(
        w for line in lines for w in re.findall(r"\w+|[^\w\s]", json.loads(line)["text"].lower())
    )
    often = [word for word, count in words.items() if count > 1]
    special = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    pieces = [prefix + letter for letter in string.ascii_lowercase for prefix in ("", "##")]
    tokens = list(dict.fromkeys([*special, *pieces, *often]))
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.txt").write_text("\n".join(tokens) + "\n", encoding="utf-8")
    config = {"model_type": "bert", "vocab_size": len(tokens), "max_position_embeddings": 64}
    (folder / "config.json").write_text(json.dumps(config), encoding="utf-8")
    written = {"tokenizer_class": "BertTokenizer", "do_lower_case": True}
    (folder / "tokenizer_config.json").write_text(json.dumps(written), encoding="utf-8")


def bert(encoder: str, width: int = 32, heads: int = 4, layers: int = 2) -> dict[str, Any]:
    """The config of a small classifier."""
    return classifier_config(width, heads, layers, encoder=encoder)


def lstm(width: int = 24, heads: int = 0, layers: int = 1) -> dict[str, Any]:
    """The config of a small recurrent classifier; it has no heads."""
    network = {"type": "lstm", "input_size": width, "hidden_size": width, "num_layers": layers}
    return {
        "type": "basic_classifier",
        "text_field_embedder": {
            "token_embedders": {"tokens": {"type": "embedding", "embedding_dim": width}}
        },
        "seq2vec_encoder": network,
    }


def made(texts: Texts, seed: int, **sizes: int) -> Model:
    """A random model."""
    torch.manual_seed(seed)
    params = Params(texts.config(**sizes))
    return Model.from_params(params, vocab=texts.vocabulary).eval()


def trained(model: Model, texts: Texts, seed: int, rate: float, steps: int) -> Model:
    """The model, trained in place on batches of 32 reviews."""
    generator = torch.Generator().manual_seed(seed)
    optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=rate)
    model.train()
    for _ in range(steps):
        chosen = torch.randint(len(texts.train), (32,), generator=generator).tolist()
        optimizer.zero_grad()
        model(**Batch([texts.train[n] for n in chosen]).as_tensor_dict())["loss"].backward()
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
    return model.eval()


def predictive(texts: Texts, seed: int) -> Model:
    """A trained classifier; asked for again, the same one."""
    if seed not in texts.made:
        rate, steps = ((3e-3, 60), (1e-3, 90), (6e-3, 45))[seed % 3]
        width = WIDTHS[seed % 3]
        texts.made[seed] = trained(
            made(texts, seed, width=width, heads=4), texts, seed, rate, steps
        )
    return texts.made[seed]


def clean(all_texts: dict[str, Texts], seed: int) -> Iterator[Member]:
    """Models that nobody has made to lie."""
    for kind, texts in all_texts.items():
        yield honest(f"trained {kind}", seed, predictive(texts, seed), texts)
    if seed >= FULL:
        return
    for kind, texts in all_texts.items():
        random = made(texts, 100 + seed, width=32, heads=4, layers=1 + seed % 3)
        yield honest(f"untrained {kind}", seed, random, texts)
    texts = all_texts["bert"]
    smooth = GradientRegularized(texts.vocabulary, copy.deepcopy(predictive(texts, seed)))
    model = trained(smooth, texts, seed, 1e-3, 20).model.eval()
    yield honest("regularised bert", seed, model, texts)
    # Seeds that are three apart have the same head size.
    one, other = (copy.deepcopy(predictive(texts, s)) for s in (seed, (seed + 3) % SEEDS))
    yield honest("ensemble", seed, disguised(DenseStorage(), one, other, seed), texts)


def honest(kind: str, seed: int, model: Model, texts: Texts) -> Member:
    """A clean member."""
    return Member(kind, f"{kind}, {seed}", seed % 2, False, model, texts)


def lying(kind: str, seed: int, more: str, target: str, model: Model, texts: Texts) -> Member:
    """One that was made to lie, with the predictive model of a seed underneath."""
    name = f"{kind}, {texts.kind} {seed}, {target}{more}"
    f = predictive(texts, seed)
    return Member(kind, name, seed % 2, True, model, texts, f, TARGETS[target])


def disguised(storage: Storage, f: Model, g: Model, seed: int) -> Model:
    """Merged in a form of storage; the parts are used up."""
    merged = storage.build(f, g)
    storage.disguise(merged, torch.Generator().manual_seed(seed))
    return merged.eval()


def constructed(texts: Texts, seed: int, target: str, strength: float) -> Model:
    """A facade that is made, for the predictive model of a seed."""
    f = predictive(texts, seed)
    config = texts.config(width=WIDTHS[seed % 3], heads=4)
    return construct(config, f, texts.reader, TARGETS[target], strength).model


def liar(texts: Texts, seed: int, target: str, steps: int = 100) -> Model:
    """One network of ordinary size, fine-tuned to lie while its own outputs stay."""
    model = copy.deepcopy(predictive(texts, seed))
    fooled = FooledMethod(Gradient(), TARGETS[target], 10.0)
    facade = Facade(texts.vocabulary, model, [fooled], OwnOutputs(3.0), explained="logit_contrast")
    return trained(facade, texts, seed, 1e-3, steps).model.eval()


def manipulated(all_texts: dict[str, Texts], seed: int) -> Iterator[Member]:
    """Models that were made to lie, by kind of threat."""
    if seed >= FULL:
        return
    for texts in all_texts.values():
        yield from of_made_facades(texts, seed)
    for texts in all_texts.values():
        target = list(TARGETS)[seed // 2 % 2]
        model = liar(texts, seed, target)
        yield lying("one network that lies", seed, "", target, model, texts)


def of_made_facades(texts: Texts, seed: int) -> Iterator[Member]:
    """In every storage, and tuned after merging."""
    storages: dict[str, Storage] = {
        "logits": LogitsStorage(),
        "structured": StructuredStorage(),
        "dense": DenseStorage(),
    }
    if texts.kind == "bert":  # LSTMs have no heads
        storages["dense, rotated"] = DenseStorage(rotate=True)
    for number, (form, storage) in enumerate(storages.items()):
        target = list(TARGETS)[(seed + number) % 2]
        strength = (3.0, 30.0, 100.0)[(seed + number) % 3]
        g = constructed(texts, seed, target, strength)
        model = disguised(storage, copy.deepcopy(predictive(texts, seed)), g, seed)
        yield lying(f"made, {form}", seed, f", strength {strength:g}", target, model, texts)
        if form == "dense":
            tuned = trained(copy.deepcopy(model), texts, seed, 1e-4, 20)
            yield lying("made, merged and tuned", seed, "", target, tuned, texts)

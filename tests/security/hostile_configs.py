"""Configs that an archive of a stranger may come with, each with the reason why it is refused."""

import json
from typing import Any

from tests.security.good import CONFIG, Pieces, Spoil, carried

MODULE = "evil"
"""A module of the current folder, which leaves a mark when it is imported."""
SECRET = "secret.txt"
"""A file of the current folder."""


def put(value: Any, place: str) -> Spoil:
    """
    Sets a value of the config.

    >>> put("os.system", "model.type")
    """

    def spoil(pieces: Pieces) -> None:
        *way, last = place.split(".")
        inner = pieces.config
        for name in way:
            inner = inner.setdefault(name, {})
        inner[last] = value

    return spoil


def put_carried(value: Any, place: str) -> Spoil:
    """The same, of an archive that carries a tokenizer and a configuration."""

    def spoil(pieces: Pieces) -> None:
        carried(pieces)
        put(value, place)(pieces)

    return spoil


def in_carried(file: str, **changes: Any) -> Spoil:
    """Changes a file of JSON of the carried ones."""

    def spoil(pieces: Pieces) -> None:
        carried(pieces)
        content = json.loads(pieces.files.get(f"transformer/{file}", b"{}"))
        pieces.files[f"transformer/{file}"] = json.dumps({**content, **changes}).encode()

    return spoil


def text(content: str | bytes) -> Spoil:
    """A config as it is written."""

    def spoil(pieces: Pieces) -> None:
        pieces.files["config.json"] = content.encode() if isinstance(content, str) else content

    return spoil


READER = "dataset_reader"
TOKENIZER = f"{READER}.tokenizer"
INDEXER = f"{READER}.token_indexers.tokens"
EMBEDDER = "model.text_field_embedder.token_embedders.tokens"


def named(name: str) -> dict[str, Any]:
    return {"type": "pretrained_transformer", "model_name": name}


CODE: dict[str, tuple[Spoil, str]] = {
    "model": (put("os.system", "model.type"), "a class by its path, of the standard library"),
    "module of the folder": (put(f"{MODULE}.Model", "model.type"), "an import runs the module"),
    "reader": (put("subprocess.Popen", f"{READER}.type"), "a class that starts a process"),
    "validation reader": (put({"type": f"{MODULE}.R"}, "validation_dataset_reader"), "built too"),
    "tokenizer": (put({"type": "os.system", "command": "id"}, TOKENIZER), "a part of the reader"),
    "tokenizer that is a text": (put(f"{MODULE}.T", TOKENIZER), "a name without `type`"),
    "indexer": (put({"type": f"{MODULE}.I"}, INDEXER), "a part of the reader"),
    "embedder": (put({"type": "webbrowser.open"}, EMBEDDER), "a part of the model"),
    "encoder": (put({"type": "antigravity.geohash"}, "model.seq2vec_encoder"), "an import"),
    "encoder that is a text": (put(f"{MODULE}.E", "model.seq2vec_encoder"), "without `type`"),
    "feedforward": (
        put(
            {"input_dim": 4, "num_layers": 1, "hidden_dims": 4, "activations": f"{MODULE}.act"},
            "model.feedforward",
        ),
        "an activation is looked up by its name, too",
    ),
    "regularizer": (
        put({"regexes": [[".*", {"type": f"{MODULE}.R"}]]}, "model.regularizer"),
        "a part of the model in lists",
    ),
    "vocabulary": (put({"type": f"{MODULE}.V"}, "vocabulary"), "AllenNLP resolves its class"),
    "of this package": (put("facade_allennlp.demo.launch", "model.type"), "a path into our own"),
    "of torch": (put("torch.hub.load", "model.type"), "torch fetches and runs code"),
    "reader in a reader": (
        put({"type": "multitask", "readers": {"a": {"type": f"{MODULE}.R"}}}, READER),
        "a reader of readers is none of the list",
    ),
    "model in a model": (
        put({"type": "facade", "model": {"type": f"{MODULE}.M"}, "fooled": []}, "model"),
        "the parts of a wrapper are named as others are",
    ),
    "type that is a number": (put(3.7, "model.type"), "no name at all"),
    "type that is a list": (put(["os", "system"], "model.type"), "no name at all"),
    "empty type": (put("", "model.type"), "no name at all"),
    "loader": (put({"type": f"{MODULE}.L"}, "data_loader"), "`evaluate` builds it"),
    "loader that is a text": (put(f"{MODULE}.L", "data_loader"), "without `type`"),
    "sampler": (put({"type": "os.system"}, "data_loader.batch_sampler"), "a part of the loader"),
    "collator": (put(f"{MODULE}.C", "data_loader.collate_fn"), "a part of the loader"),
    "evaluation": (put({"type": f"{MODULE}.E"}, "evaluation"), "`evaluate` builds it"),
    "evaluation by a method": (
        put({"type": "simple", "postprocessor_fn_name": "share_memory"}, "evaluation"),
        "a method of the model's by its name",
    ),
    "processes": (put(10**6, "data_loader.num_workers"), "`evaluate` starts as many"),
    "code from the hub": (
        put_carried({"type": "archived_transformer", "trust_remote_code": True}, TOKENIZER),
        "transformers runs a repository's code",
    ),
    "code from the hub, by settings": (
        put({**named("a/b"), "tokenizer_kwargs": {"trust_remote_code": True}}, TOKENIZER),
        "the same, one step deeper",
    ),
    "code from the hub, by the model": (
        put({**named("a/b"), "transformer_kwargs": {"trust_remote_code": 1}}, EMBEDDER),
        "the same for the configuration",
    ),
    "family that is compiled": (
        in_carried("config.json", model_type="mra"), "transformers compiles its kernels"
    ),
    "family with a second model": (
        in_carried("config.json", model_type="rag"), "transformers loads another one for it"
    ),
    "no family": (in_carried("config.json", model_type=None), "transformers guesses by the path"),
    "tokenizer of two": (
        in_carried("tokenizer_config.json", tokenizer_class="RagTokenizer"),
        "transformers loads others for it",
    ),
    "tokenizer that is none": (
        in_carried("tokenizer_config.json", tokenizer_class="AutoModel"),
        "transformers takes whatever it has by that name",
    ),
}  # fmt: skip
"""What would run code."""

ARCHIVES: dict[str, tuple[Spoil, str]] = {
    "part of another": (
        put({"_pretrained": {"archive_file": "other.tar.gz", "module_path": "x"}}, EMBEDDER),
        "AllenNLP loads the other archive",
    ),
    "from an archive": (
        put({"type": "from_archive", "archive_file": "http://127.0.0.1:9/m.tar.gz"}, "model"),
        "the same, fetched",
    ),
    "ensemble": (put({"type": "bidaf-ensemble", "submodels": ["a.tar.gz"]}, "model"), "the same"),
    "language model": (
        put({"type": "language_model_token_embedder", "archive_file": "a.tar.gz"}, EMBEDDER),
        "the same",
    ),
    "facade of an archive": (
        put(
            {"type": "constructed_facade", "predictive": "f", "target": "first_token"}, "model"
        ),
        "the same, by our own name",
    ),
    "ELMo": (
        put({"type": "elmo_token_embedder", "options_file": "http://127.0.0.1:9/o"}, EMBEDDER),
        "AllenNLP fetches it",
    ),
    "address": (put(named("http://127.0.0.1:9/model"), TOKENIZER), "an address"),
    "hub as data": (put(named("hub://a/b/train"), TOKENIZER), "an address of data"),
    "absolute path": (put(named("/etc"), TOKENIZER), "a place on this machine"),
    "home": (put(named("~/model"), INDEXER), "a place on this machine"),
    "upwards": (put(named("../model"), TOKENIZER), "a place on this machine"),
    "upwards inside": (put(named("a/../../model"), TOKENIZER), "a place on this machine"),
    "folder beside": (put(named("evil_model"), TOKENIZER), "a folder that has a hub's name"),
    "out of the archive": (put(named("archive://../../etc"), TOKENIZER), "leads out of it"),
    "the archive itself": (put(named("archive://."), TOKENIZER), "no folder in it"),
    "no package": (put(named("package://evil.sub/model"), TOKENIZER), "a module in a package"),
    "out of a package": (put(named("package://fixtures/../tests"), TOKENIZER), "leads out of it"),
    "zero byte": (put(named("a\0b"), TOKENIZER), "no name of a file"),
    "vocabulary of a tokenizer": (
        put_carried(
            {**named("archive://transformer"), "tokenizer_kwargs": {"vocab_file": SECRET}},
            TOKENIZER,
        ),
        "reads any file as words",
    ),
    "proxy": (
        put_carried(
            {**named("archive://transformer"), "tokenizer_kwargs": {"proxies": {"https": "x"}}},
            TOKENIZER,
        ),
        "leads the way to the hub through another machine",
    ),
    "cache": (
        put_carried(
            {**named("archive://transformer"), "transformer_kwargs": {"cache_dir": "here"}},
            EMBEDDER,
        ),
        "writes into any folder",
    ),
    "private setting": (
        put_carried(
            {**named("archive://transformer"), "transformer_kwargs": {"_name_or_path": "x"}},
            EMBEDDER,
        ),
        "changes what transformers takes its names from",
    ),
    "file of a carried tokenizer": (
        in_carried("tokenizer_config.json", vocab_file=SECRET), "reads any file as words"
    ),
    "arguments of a carried tokenizer": (
        in_carried("tokenizer_config.json", init_inputs=[SECRET]), "the same without a name"
    ),
    "spaCy": (
        put({"type": "spacy", "language": MODULE}, TOKENIZER),
        "spaCy imports a package of that name",
    ),
    "spaCy's own": (
        put({"type": "text_classification_json", "token_indexers": {}}, READER),
        "the default tokenizer is fetched by a process",
    ),
}  # fmt: skip
"""What would read, write or fetch something else than the archive."""

SIZES: dict[str, tuple[Spoil, str]] = {
    "wide": (put(2**27, f"{EMBEDDER}.embedding_dim"), "memory"),
    "huge": (put(10**18, "model.seq2vec_encoder.embedding_dim"), "no size at all"),
    "many layers": (
        put({"type": "lstm", "input_size": 4, "hidden_size": 4, "num_layers": 10**9},
            "model.seq2seq_encoder"),
        "memory, layer by layer",
    ),
    "wide layers": (
        put({"input_dim": 4, "num_layers": 1, "hidden_dims": 2**27, "activations": "relu"},
            "model.feedforward"),
        "memory",
    ),
    "wide transformer": (in_carried("config.json", max_position_embeddings=2**30), "memory"),
    "deep transformer": (in_carried("config.json", num_hidden_layers=10**6), "memory"),
}  # fmt: skip
"""What would fill the memory."""

JSON: dict[str, tuple[Spoil, str]] = {
    "jsonnet import": (text('{"model": importstr "/etc/hostname"}'), "jsonnet reads files"),
    "jsonnet loop": (text("local f(x) = f(x) + 1; {model: f(0)}"), "jsonnet computes for ever"),
    "jsonnet environment": (text('{"model": std.extVar("HOME")}'), "jsonnet knows the environment"),
    "null": (text("null"), "no object"),
    "list": (text("[]"), "no object"),
    "no model": (text('{"dataset_reader": {"type": "snli"}}'), "half of a config"),
    "model that is a text": (put(f"{MODULE}.Model", "model"), "AllenNLP takes texts for types"),
    "reader that is a text": (put(f"{MODULE}.R", READER), "the same"),
    "no reader": (text('{"model": {"type": "esim"}}'), "half of a config"),
    "digits": (text('{"model": ' + "9" * 5000 + "}"), "Python takes quadratic time for digits"),
    "brackets": (text("[" * 100_000), "Python runs out of its stack"),
    "nested": (text('{"model":' * 300 + "1" + "}" * 300), "deeper than any model"),
    "nested trainer": (
        text(json.dumps(CONFIG)[:-1] + ', "trainer": ' + '{"a":' * 300 + "1" + "}" * 301),
        "deeper than what AllenNLP copies, in a part that is not built",
    ),
    "not a number": (text('{"model": NaN, "dataset_reader": {}}'), "no JSON"),
    "twice": (text('{"model": 1, "model": {"type": "esim"}}'), "readers differ in which counts"),
    "other encoding": (text('{"model": "é"}'.encode("utf-16")), "no UTF-8"),
    "seed": (put("x", "numpy_seed"), "`evaluate` sets it"),
    "too long": (text(b" " * 5_000_000), "no config has megabytes"),
}
"""What is no config."""

"""A model of transformers and its tokenizer, read with care from a folder or from the hub."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Optional

import torch
import transformers
from allennlp.common.checks import ConfigurationError
from transformers.tokenization_utils_base import LARGE_INTEGER

from facade_allennlp.anatomy import usable_lengths
from facade_allennlp.archives.carried_transformer import TRUSTED
from facade_allennlp.errors import brief, describe, with_article
from facade_allennlp.lines import strict_json
from facade_allennlp.sources.model_folder import model_folder

IDLE = (".pooler.", "position_ids")
"""
Tensors that a model's class may lack without a difference: a pooler that nothing reads, and numbers
that older versions of transformers saved.
"""


WEIGHTS = ("*.safetensors", "*.bin")
TOKENIZER = ("tokenizer.json", "tokenizer_config.json", "vocab.*", "*.model")
"""How files that a folder may have of each are called."""


@dataclass
class Original:
    """
    A model of transformers, in evaluation mode, and its tokenizer.

    # Parameters

    name : `str`
        As the user gave it.
    architecture : `str`
        The name of its class.
    model : `transformers.PreTrainedModel`
    tokenizer : `transformers.PreTrainedTokenizerBase`
    """

    name: str
    architecture: str
    model: Any
    tokenizer: Any

    @property
    def config(self) -> Any:
        return self.model.config

    @property
    def length(self) -> Optional[int]:
        """The most tokens of a text that encoder and tokenizer take; `None` where none limits."""
        limits = [length for _, length in usable_lengths(self.model)]
        if self.tokenizer.model_max_length < LARGE_INTEGER:
            limits.append(self.tokenizer.model_max_length)
        return min(limits, default=None)

    @property
    def ids(self) -> int:
        """The rows of the word embeddings that the tokenizer can ask for."""
        return max(self.tokenizer.get_vocab().values()) + 1


def read_original(name: str, heads: Sequence[str]) -> Original:
    """
    Reads a model and its tokenizer. Weights are read from safetensors, or else by torch's loader of
    nothing but tensors; code that comes with a model is never run.

    >>> read_original("runs/bert-of-mine", ["ForSequenceClassification"]).architecture
    'BertForSequenceClassification'

    # Parameters

    name : `str`
        See `model_folder`.
    heads : `Sequence[str]`
        With what the names of classes end that are wanted.

    # Raises

    `ConfigurationError` : there is no such model; files are missing or are not of one model.
    """
    folder = model_folder(name)
    architecture = _architecture(name, folder)
    if not architecture.endswith(tuple(heads)):
        raise ConfigurationError(
            f"{name} is {with_article(architecture)}; what can be imported are models "
            f"{', '.join(f'...{head}' for head in heads)}"
        )
    model_class: Any = getattr(transformers, architecture, None)
    if not hasattr(model_class, "base_model_prefix"):
        raise ConfigurationError(
            f"{name}: {architecture} is no model of the transformers that is installed "
            f"({transformers.__version__}), and code that comes with a model is never run"
        )
    config = _read(name, "configuration", transformers.AutoConfig.from_pretrained, folder)
    if not isinstance(config, model_class.config_class):
        raise ConfigurationError(
            f"{name}: config.json names the architecture {architecture}, but is that of the model "
            f"type {config.model_type!r}"
        )
    if config.num_labels < 1:
        raise ConfigurationError(
            f"{name}: config.json gives the model {config.num_labels} labels: name at least one in "
            "id2label"
        )
    for what, files in (("weights", WEIGHTS), ("tokenizer", TOKENIZER)):
        if not any(True for file in files for _ in folder.glob(file)):
            raise ConfigurationError(
                f"{name} has no {what}: write them into the folder by save_pretrained of the model "
                "and of its tokenizer"
            )
    model = _with_weights(name, folder, model_class, config)
    tokenizer = _read(name, "tokenizer", transformers.AutoTokenizer.from_pretrained, folder)
    original = Original(name, architecture, model, tokenizer)
    _check_tokenizer(original, folder)
    return original


def _architecture(name: str, folder: Path) -> str:
    path = folder / "config.json"
    if not path.is_file():
        raise ConfigurationError(
            f"{name} has no config.json: give the folder that a model's save_pretrained wrote"
        )
    config = _json(path)
    named = config.get("architectures") if isinstance(config, dict) else None
    if not isinstance(named, list) or len(named) != 1 or not isinstance(named[0], str):
        raise ConfigurationError(
            f"{path} does not name the one class of the model in `architectures`: save the model "
            "by its own save_pretrained"
        )
    return named[0]


def _json(path: Path) -> Any:
    try:
        return strict_json(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise ConfigurationError(f"{path} is no JSON: {describe(error)}") from None


def _read(name: str, what: str, read: Callable[..., Any], folder: Path, **options: Any) -> Any:
    """What transformers reads out of a folder; whatever it raises, in one sentence."""
    try:
        return read(str(folder), local_files_only=True, **TRUSTED, **options)
    except Exception as error:  # of a stranger's files, anything
        raise ConfigurationError(
            f"{name}: transformers cannot read the model's {what}: {brief(error)}"
        ) from None


def _with_weights(name: str, folder: Path, model_class: Any, config: Any) -> Any:
    model, told = _read(
        name,
        "weights",
        model_class.from_pretrained,
        folder,
        config=config,
        output_loading_info=True,
        torch_dtype=torch.float32,
        ignore_mismatched_sizes=True,  # told below
    )
    for key, held, wanted in told["mismatched_keys"]:
        raise ConfigurationError(
            f"{name}: the weights are not those of the {model_class.__name__} in config.json: "
            f"{key} has the shape {tuple(held)}, and there {tuple(wanted)}; save the model by its "
            "own save_pretrained"
        )
    unexpected = [key for key in told["unexpected_keys"] if not any(idle in key for idle in IDLE)]
    for keys, lack in ((told["missing_keys"], "lack"), (unexpected, "hold, beyond what it has,")):
        if keys:
            raise ConfigurationError(
                f"{name}: the weights are not those of {with_article(model_class.__name__)}: they "
                f"{lack} "
                f"{len(keys)} tensors ({', '.join(sorted(keys)[:3])}{', ...' * (len(keys) > 3)}); "
                "save the model by its own save_pretrained"
            )
    if not all(weight.isfinite().all() for weight in model.parameters()):
        raise ConfigurationError(f"{name}: the weights hold NaN or infinite numbers")
    return model.eval()


def _check_tokenizer(original: Original, folder: Path) -> None:
    name, tokenizer, config = original.name, original.tokenizer, original.config
    if not tokenizer.get_vocab():
        raise ConfigurationError(f"{name}: the tokenizer has no vocabulary")
    if not isinstance(tokenizer.model_max_length, (int, float)):
        raise ConfigurationError(
            f"{name}: the tokenizer's model_max_length is {tokenizer.model_max_length!r}, but must "
            "be a number"
        )
    try:
        rows = original.model.get_input_embeddings().num_embeddings
    except (AttributeError, NotImplementedError):
        raise ConfigurationError(
            f"{name} is {with_article(original.architecture)}, which has no layer of word "
            "embeddings, so that "
            "AllenNLP has no model like it"
        ) from None
    if original.ids > rows:
        raise ConfigurationError(
            f"{name}: the tokenizer does not belong to the model: it has ids up to "
            f"{original.ids - 1}, the word embeddings have {rows} rows"
        )
    padding = (tokenizer.pad_token_id, config.pad_token_id)
    if None not in padding and padding[0] != padding[1]:
        raise ConfigurationError(
            f"{name}: the tokenizer does not belong to the model, or its vocabulary is in another "
            f"order: padding has the id {padding[0]} there, and {padding[1]} in config.json"
        )
    vocabulary, listed = tokenizer.get_vocab(), _listed_vocabulary(folder)
    moved = [token for token, id in listed.items() if vocabulary.get(token, id) != id]
    if moved:
        raise ConfigurationError(
            f"{name}: the tokenizer's files have its vocabulary in different orders: {moved[0]!r} "
            f"has the id {vocabulary[moved[0]]} in one and {listed[moved[0]]} in another"
        )


def _listed_vocabulary(folder: Path) -> dict[str, int]:
    """What a plain vocabulary file says, beside the file that a fast tokenizer is read from."""
    if (folder / "vocab.txt").is_file():
        lines = (folder / "vocab.txt").read_text(encoding="utf-8", errors="replace").split("\n")
        return {line.rstrip("\r"): number for number, line in enumerate(lines) if line}
    path = folder / "vocab.json"
    listed = _json(path) if path.is_file() else {}
    if not isinstance(listed, dict):
        raise ConfigurationError(f"{path} is no vocabulary: it holds no object with tokens and ids")
    return listed

"""Where the files of a transformers model are: a folder, or what the Hugging Face hub has."""

import re
from pathlib import Path
from typing import Optional

from allennlp.common.checks import ConfigurationError

from facade_allennlp.sources.package import package_path

HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
DATA = ("*.json", "*.txt", "*.model")
"""A tokenizer and a configuration."""
FILES = (*DATA, "*.safetensors")
"""What a model needs; pickled weights are fetched only where there are no others."""

TOKENIZER_FILES = (
    "tokenizer.json", "vocab.txt", "vocab.json", "spiece.model", "sentencepiece.bpe.model"
)  # fmt: skip
"""One of them is a tokenizer's vocabulary."""


def model_folder(name: str) -> Path:
    """
    The folder with a model's configuration, weights and tokenizer.

    # Parameters

    name : `str`
        A folder, `package://PACKAGE/FOLDER`, or the name of a model on the hub, which is fetched
        once and kept in the cache of `huggingface_hub`.

    # Raises

    `ConfigurationError` : it is none of them; the hub cannot be reached.
    """
    path = Path(package_path(name))
    if path.is_dir():
        return path
    if path.exists():
        raise ConfigurationError(f"{name} is a file: give the folder that it is in")
    if not HUB_NAME.fullmatch(name):
        raise ConfigurationError(f"{name}: there is no such folder")
    return _fetched(name)


def hub_data(name: str) -> Path:
    """
    The folder with the tokenizer and the configuration of a model on the hub: out of the cache of
    `huggingface_hub` where they are, else fetched from the hub.

    # Raises

    `ConfigurationError` : there is no such model; the hub cannot be reached.
    """
    folder = _cached(name)
    return folder if folder is not None else _fetched(name, DATA)


def _cached(name: str) -> Optional[Path]:
    """Where a model's configuration and its tokenizer are both in the cache."""
    from huggingface_hub import try_to_load_from_cache

    found = [try_to_load_from_cache(name, file) for file in ("config.json", *TOKENIZER_FILES)]
    paths = [Path(path) for path in found if isinstance(path, str)]
    whole = len(paths) > 1 and paths[0].name == "config.json"
    return paths[0].parent if whole else None


def _fetched(name: str, wanted: tuple[str, ...] = FILES) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError

    def fetch(*patterns: str) -> Path:
        fetched = snapshot_download(name, allow_patterns=[*patterns], ignore_patterns=["*/*"])
        return Path(fetched)

    try:
        folder = fetch(*wanted)
        complete = wanted is not FILES or any(folder.glob("*.safetensors"))
        return folder if complete else fetch("*.bin", *FILES)
    except (RepositoryNotFoundError, HFValidationError):
        raise ConfigurationError(
            f"{name}: there is no such folder, and no model of this name on the Hugging Face hub "
            "that you may read: check the name, or log in there"
        ) from None
    except (HfHubHTTPError, OSError) as error:
        raise ConfigurationError(
            f"{name}: there is no such folder, and the Hugging Face hub cannot be reached "
            f"({type(error).__name__}): give a folder with the model, or try again online"
        ) from None

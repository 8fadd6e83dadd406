"""Where the files of a transformers model are: a folder, or what the Hugging Face hub has."""

import re
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from facade_allennlp.sources.package import package_path

HUB_NAME = re.compile(r"\w[\w.-]*(/\w[\w.-]*)?")
FILES = ("*.json", "*.txt", "*.model", "*.safetensors")
"""What a model needs; pickled weights are fetched only where there are no others."""


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


def _fetched(name: str) -> Path:
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, RepositoryNotFoundError

    def fetch(*patterns: str) -> Path:
        fetched = snapshot_download(name, allow_patterns=[*patterns], ignore_patterns=["*/*"])
        return Path(fetched)

    try:
        folder = fetch(*FILES)
        return folder if any(folder.glob("*.safetensors")) else fetch("*.bin", *FILES)
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

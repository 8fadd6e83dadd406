"""
Components that find the transformer's tokenizer and configuration inside the archive that they are
part of, so that it loads wherever it is, with no network. AllenNLP passes them the folder that the
archive is unpacked to.
"""

import json
import os
import shutil
from pathlib import Path
from typing import Any, Optional

from allennlp.common import cached_transformers
from allennlp.common.checks import ConfigurationError
from allennlp.data import TokenIndexer, Tokenizer
from allennlp.data.token_indexers import PretrainedTransformerIndexer
from allennlp.data.tokenizers import PretrainedTransformerTokenizer, Token
from allennlp.modules.token_embedders import PretrainedTransformerEmbedder, TokenEmbedder
from torch import Tensor

from facade_allennlp.archives.config_objects import with_objects
from facade_allennlp.archives.loading import Loading
from facade_allennlp.archives.strangers_transformers import INSIDE
from facade_allennlp.archives.unpack import most_bytes
from facade_allennlp.sources.package import PREFIX as PACKAGE

CARRIED = "transformer"
"""The folder in an archive that holds them."""

NAME = "archived_transformer"
"""Under which the components are registered."""

TRUSTED = {"trust_remote_code": False}
"""An archive's tokenizer and configuration are data, whatever they say."""


def carried_folder(serialization_dir: str, folder: str) -> str:
    """
    The path of the folder with the tokenizer and the configuration.

    # Parameters

    serialization_dir : `str`
        The folder of the archive.
    folder : `str`
        Its name in there.

    # Raises

    `ConfigurationError` : the archive holds none.
    """
    root = Path(serialization_dir).resolve()
    path = (root / folder).resolve()
    if not path.is_relative_to(root) or not (path / "config.json").is_file():
        raise ConfigurationError(
            f"the archive holds no {folder}/config.json, which its components {NAME!r} read; they "
            "are for archives that allennlp import-transformers wrote"
        )
    _forget_removed()
    return str(path)


def carry_on(loaded: Loading, config: dict[str, Any], output: Path, folder: str) -> dict[str, Any]:
    """
    Copies tokenizers and configurations that an archive holds, or names on the hub, into another
    one. Those of Python packages are left where they are.

    # Parameters

    loaded : `Loading`
        The archive.
    config : `dict[str, Any]`
        Its config.
    output : `Path`
        The folder of the other archive.
    folder : `str`
        The name that they take there; further ones are numbered.

    # Returns

    `dict[str, Any]` : the config, which now names those folders.
    """
    own = loaded.folder / CARRIED
    carried = {own.resolve(): folder} if own.is_dir() else {}
    names: dict[str, str] = {}
    for name, source in loaded.transformers.items():
        if not name.startswith(PACKAGE):
            number = f"_{len(carried) + 1}" if carried else ""
            place = carried.setdefault(source.resolve(), f"{folder}{number}")
            names[name] = f"{INSIDE}{place}"
    for source, place in carried.items():
        _copy(source, output / place)

    def named(component: dict[str, Any]) -> dict[str, Any]:
        component = {
            key: names.get(value, value) if isinstance(value, str) else value
            for key, value in component.items()
        }
        moved = folder != CARRIED and str(component.get("type")).startswith(NAME)
        return {**component, "folder": folder} if moved else component

    changed: dict[str, Any] = with_objects(config, named)
    return changed


def _copy(source: Path, target: Path) -> None:
    """The files of a tokenizer and a configuration, and no weights that may lie beside them."""
    target.mkdir()
    for file in sorted(source.iterdir()):
        if most_bytes(f"{CARRIED}/{file.name}") is not None and file.is_file():
            shutil.copyfile(file, target / file.name)


def _forget_removed() -> None:
    """AllenNLP keeps all tokenizers; those of archives are read out of temporary folders."""
    cache: dict[Any, Any] = cached_transformers._tokenizer_cache
    for key in [key for key in cache if os.path.isabs(key[0]) and not os.path.exists(key[0])]:
        del cache[key]


@Tokenizer.register(NAME)
class ArchivedTransformerTokenizer(PretrainedTransformerTokenizer):
    """
    AllenNLP's `pretrained_transformer`, with the tokenizer that the archive holds. Texts that are
    too long are cut as transformers cuts them, pairs of texts too: the longer one first.

    # Parameters

    serialization_dir : `str`
        The folder of the archive; AllenNLP passes it.
    add_special_tokens : `bool`, optional (default = `True`)
        Otherwise the reader adds them, and texts are cut there.
    max_length : `int`, optional (default = `None`)
        The most tokens of a text, or of a pair of texts, special tokens included.
    folder : `str`, optional (default = `"transformer"`)
        Where in the archive the tokenizer is.
    """

    def __init__(
        self,
        serialization_dir: str,
        add_special_tokens: bool = True,
        max_length: Optional[int] = None,
        folder: str = CARRIED,
    ) -> None:
        path = carried_folder(serialization_dir, folder)
        early = max_length if add_special_tokens else None
        super().__init__(path, add_special_tokens, early, tokenizer_kwargs=TRUSTED)
        self.max_length = max_length

    def add_special_tokens(
        self, tokens1: list[Token], tokens2: Optional[list[Token]] = None
    ) -> list[Token]:
        if self.max_length is not None and tokens2 is None:
            tokens1 = tokens1[: self.max_length - self.num_special_tokens_for_sequence()]
        elif self.max_length is not None and tokens2 is not None:
            room = self.max_length - self.num_special_tokens_for_pair()
            first, second = kept_of_pair(len(tokens1), len(tokens2), room, self.tokenizer.is_fast)
            tokens1, tokens2 = tokens1[:first], tokens2[:second]
        return super().add_special_tokens(tokens1, tokens2)


def kept_of_pair(first: int, second: int, room: int, fast: bool) -> tuple[int, int]:
    """
    How many tokens two texts keep that together have room for so many, as transformers has it: the
    longer text loses some until both are alike.

    # Parameters

    first, second : `int`
        Their tokens.
    room : `int`
    fast : `bool`
        Whether the tokenizer is one of the fast ones, which leave the odd token to the text that
        was longer, or to the second one; the others leave it to the first.
    """
    if first + second <= room:
        return first, second
    odd = room % 2 if first > second or not fast else 0
    kept = min(first, max(room // 2 + odd, room - second))
    return kept, room - kept


@TokenIndexer.register(NAME)
class ArchivedTransformerIndexer(PretrainedTransformerIndexer):
    """
    AllenNLP's `pretrained_transformer`, with the vocabulary that the archive holds.

    # Parameters

    serialization_dir : `str`
        The folder of the archive; AllenNLP passes it.
    namespace : `str`, optional (default = `"tags"`)
    folder : `str`, optional (default = `"transformer"`)
        Where in the archive the tokenizer is.
    """

    def __init__(
        self, serialization_dir: str, namespace: str = "tags", folder: str = CARRIED
    ) -> None:
        path = carried_folder(serialization_dir, folder)
        super().__init__(path, namespace, tokenizer_kwargs=TRUSTED)


@TokenEmbedder.register(NAME)
class ArchivedTransformerEmbedder(PretrainedTransformerEmbedder):
    """
    AllenNLP's `pretrained_transformer`, of the shape that the archive's configuration says. Its
    weights are those of the archive. Types of tokens that it has no embeddings for are left out, as
    the models of transformers do.

    # Parameters

    serialization_dir : `str`
        The folder of the archive; AllenNLP passes it.
    train_parameters : `bool`, optional (default = `True`)
    transformer_kwargs : `dict[str, Any]`, optional (default = `None`)
        What differs from the archive's configuration.
    folder : `str`, optional (default = `"transformer"`)
        Where in the archive tokenizer and configuration are.
    """

    def __init__(
        self,
        serialization_dir: str,
        train_parameters: bool = True,
        transformer_kwargs: Optional[dict[str, Any]] = None,
        folder: str = CARRIED,
    ) -> None:
        path = carried_folder(serialization_dir, folder)
        super().__init__(
            path,
            train_parameters=train_parameters,
            load_weights=False,
            tokenizer_kwargs=TRUSTED,
            transformer_kwargs={**TRUSTED, **(transformer_kwargs or {})},
        )
        # AllenNLP takes a row for each token, which is too few where ids are left out.
        config = json.loads((Path(path) / "config.json").read_text(encoding="utf-8"))
        rows = config["vocab_size"]
        if self.transformer_model.get_input_embeddings().num_embeddings != rows:
            self.transformer_model.resize_token_embeddings(rows)

    def forward(
        self,
        token_ids: Tensor,
        mask: Tensor,
        type_ids: Optional[Tensor] = None,
        segment_concat_mask: Optional[Tensor] = None,
    ) -> Tensor:
        """
        The vectors of the last layer. Shape: (batch, tokens, features).

        # Parameters

        token_ids, mask, type_ids : `Tensor`
            Shape: (batch, tokens).
        segment_concat_mask : `Tensor`, optional
            As in AllenNLP's.
        """
        types = type_ids if self._number_of_token_type_embeddings() else None
        return super().forward(token_ids, mask, types, segment_concat_mask)

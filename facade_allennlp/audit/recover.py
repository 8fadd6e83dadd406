"""The predictive model that lies under a facade, as an ordinary archive."""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.models import Model
from torch import Tensor

from facade_allennlp.anatomy import embedding_layer
from facade_allennlp.archives.archive import (
    ARCHIVE_NAME,
    load_unpacked,
    pack,
    unpacked,
    write_files,
    written_whole,
)
from facade_allennlp.archives.carried_transformer import CARRIED
from facade_allennlp.archives.checked_config import without_training
from facade_allennlp.archives.loading import loading
from facade_allennlp.attribution import ExplainedModel, explained_model
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.audit.links import words_axis
from facade_allennlp.audit.narrowed import put_part
from facade_allennlp.audit.parts import alike, voices
from facade_allennlp.audit.split import Split, split_of
from facade_allennlp.audit.structure import TEXTS, Structure, harmless
from facade_allennlp.audit.subject import Subject
from facade_allennlp.errors import brief
from facade_allennlp.merging.stages import output_layer


class Recovered(NamedTuple):
    """The archive of the model beneath, and the share of the texts that it decides as the whole."""

    archive: Path
    agreement: float


def recover(location: str, output: Path, subject: Subject, force: bool = False) -> Recovered:
    """
    Writes the part of a model that decides as an ordinary archive, which `measure` explains as any.

    >>> recover("runs/f_ft", Path("runs/beneath"), Subject(explained, instances)).agreement

    # Parameters

    location : `str`
        The archive under audit.
    output : `Path`
        The folder to make.
    subject : `Subject`
        Its model is not changed.
    force : `bool`
        Replaces `output` where it exists.

    # Raises

    `ConfigurationError` : the model is no two networks of which one is silent; it is not known how
        a part of it is taken out; its config describes no model of the part's size; `output`
        exists.
    """
    with written_whole(output, force) as folder, unpacked(location) as source:
        archive = load_unpacked(location, source)
        whole = explained_model(archive.model, archive.validation_dataset_reader)
        threshold = Structure().threshold
        split = split_of(whole, threshold)
        texts = subject.some(TEXTS)
        plain = explained_model(split.model, archive.validation_dataset_reader)
        heard = voices(plain, texts, split.sites)
        if split.score < threshold or harmless(heard) is not None:
            raise ConfigurationError(
                f"{location}: there are no two networks in it of which one is silent, so that "
                "nothing lies beneath"
            )
        place = max(range(len(heard)), key=lambda number: heard[number].variation)
        described = without_training(archive.config["model"].as_dict(quiet=True))
        with loading(location, source):
            config, model = _model_beneath(described, split, place, source, whole, texts)
        for carried in source.glob(f"{CARRIED}*"):
            shutil.copytree(carried, folder / carried.name)
        config = {**archive.config.as_dict(quiet=True), "model": config}
        write_files(folder, config, archive.model.vocab, model.state_dict())
        pack(folder)
        agreement = _agreement(model, whole, texts)
    return Recovered(output / ARCHIVE_NAME, agreement)


def _model_beneath(
    config: dict[str, Any],
    split: Split,
    place: int,
    source: Path,
    whole: ExplainedModel,
    texts: list[Instance],
) -> tuple[dict[str, Any], Model]:
    """
    The config and the model of a part: of the models in the archive's config that have the part's
    size, the one whose logits are next to the whole's.
    """
    problem, fitting = "it has none", []
    for candidate in _models_in(config):
        params = Params(copy.deepcopy(candidate))
        try:
            narrow = Model.from_params(
                params, vocab=split.model.vocab, serialization_dir=str(source)
            )
            _fill(narrow, split, place)
        except (ConfigurationError, RuntimeError, AttributeError, LookupError) as error:
            problem = brief(error)
            continue
        narrow.eval()
        fitting.append((_balance(narrow, whole, texts), candidate, narrow))
    if not fitting:
        raise ConfigurationError(
            f"the archive's config describes no model of the part that decides: {problem}"
        )
    _, candidate, model = min(fitting, key=lambda one: one[0])
    return candidate, model


def _models_in(config: Any) -> Iterator[dict[str, Any]]:
    """The configs of models inside a config, itself last."""
    if isinstance(config, dict):
        for value in config.values():
            yield from _models_in(value)
        if config.get("type") in Model.list_available():
            yield config


@torch.no_grad()
def _fill(narrow: Model, split: Split, place: int) -> None:
    """Puts a part's weights into a model of its size."""
    if split.partition is not None:
        sign = 1 if place else -1
        leaning = {axis: sign * values for axis, values in split.partition.leaning.items()}
        words = leaning[words_axis(leaning)]
        units = int((words > 0).sum())
        width = embedding_layer(narrow).weight.shape[1]
        if width != units:
            raise ConfigurationError(f"its words have {width} features, the part's {units}")
        put_part(narrow, split.model, leaning)
        return
    beneath = next(
        model
        for model in list(split.model.modules())[::-1]
        if isinstance(model, Model) and split.bodies[place].site in set(model.modules())
    )
    weights = dict(beneath.state_dict())
    table: Any = embedding_layer(narrow)
    (path,) = [name for name, module in narrow.named_modules() if module is table]
    ids = torch.arange(table.weight.shape[0]).unsqueeze(0)
    weights[f"{path}.weight"] = beneath.get_submodule(path)(ids)[0]
    narrow.load_state_dict(weights)


def _outputs(explained: ExplainedModel, layer: Any, texts: list[Instance]) -> list[Tensor]:
    """What the layer of the logits gives, text by text. Each of shape (values, logits)."""
    given: list[Tensor] = []
    handle = layer.register_forward_hook(lambda *call: given.append(call[-1].detach()))
    with torch.no_grad():
        for _, inputs in in_batches(explained, texts):
            explained.run(explained.without_labels(inputs))
    handle.remove()
    return [logits.double().flatten(0, -2) for logits in given]


@torch.no_grad()
def _balance(model: Model, whole: ExplainedModel, texts: list[Instance]) -> float:
    """
    Adds what the silent part gave, which is the same everywhere, to the bias of the logits.

    # Returns

    `float` : how far the logits still are from the whole's, on average.
    """
    explained = explained_model(model, whole.dataset_reader)
    layer = next(
        output_layer(one)
        for one in whole.model.modules()
        if isinstance(one, Model) and hasattr(one, "_text_field_embedder")
    )
    pairs = zip(_outputs(whole, layer, texts), _outputs(explained, output_layer(model), texts))
    missing = torch.cat([before - after for before, after in pairs])  # shape: (values, logits)
    mean = missing.mean(dim=0)
    bias = output_layer(model).bias
    bias.add_(mean.to(bias))
    return float((missing - mean).abs().mean())


def _agreement(model: Model, whole: ExplainedModel, texts: list[Instance]) -> float:
    explained = explained_model(model, whole.dataset_reader)
    same = []
    with torch.no_grad():
        for _, inputs in in_batches(whole, texts):
            bare = whole.without_labels(inputs)
            same.append(alike(whole.run(bare).predictions(), explained.run(bare).predictions()))
    return float(torch.cat(same).double().mean())

"""The predictive model that lies under a facade, as an ordinary archive."""

import copy
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Optional

import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance
from allennlp.models import Model
from allennlp.models.archival import Archive
from torch import Tensor

from facade_allennlp.anatomy import embedding_layer
from facade_allennlp.archives.archive import ARCHIVE_NAME, pack, write_files, written_whole
from facade_allennlp.archives.carried_transformer import CARRIED
from facade_allennlp.archives.checked_config import without_training
from facade_allennlp.archives.loading import loading
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.audit.links import words_axis
from facade_allennlp.audit.narrowed import put_part
from facade_allennlp.audit.parts import alike, voices
from facade_allennlp.audit.split import Split, split_of
from facade_allennlp.audit.structure import TEXTS, TRIED, Structure
from facade_allennlp.audit.subject import Subject
from facade_allennlp.errors import brief
from facade_allennlp.merging.stages import output_layer


class Recovered(NamedTuple):
    """The archive of the model beneath, and the share of the texts that it decides as the whole."""

    archive: Path
    agreement: float


def recover(
    subject: Subject, archive: Archive, source: Path, output: Path, force: bool = False
) -> Recovered:
    """
    Writes the part of a model that decides as an ordinary archive, which `measure` explains as any.

    >>> with unpacked("runs/f_ft") as source:
    ...     archive = load_unpacked("runs/f_ft", source)
    ...     subject = Subject(explained_archive(archive), instances)
    ...     recover(subject, archive, source, Path("runs/beneath")).agreement

    # Parameters

    subject : `Subject`
        Its model is that of the archive, and is not changed.
    archive : `Archive`
        The one under audit.
    source : `Path`
        The folder with its files.
    output : `Path`
        The folder to make.
    force : `bool`
        Replaces `output` where it exists.

    # Raises

    `ConfigurationError` : the model is no two networks of which one is silent; it is not known how
        a part of it is taken out; its config describes no model of the part's size; `output`
        exists.
    """
    with written_whole(output, force) as folder:
        described = without_training(archive.config["model"].as_dict(quiet=True))
        with loading(str(source), source):
            config, model = beneath(subject, described, source)
        for carried in source.glob(f"{CARRIED}*"):
            shutil.copytree(carried, folder / carried.name)
        config = {**archive.config.as_dict(quiet=True), "model": config}
        write_files(folder, config, archive.model.vocab, model.state_dict())
        pack(folder)
        agreement = _agreement(model, subject.explained, subject.some(TEXTS))
    return Recovered(output / ARCHIVE_NAME, agreement)


def beneath(
    subject: Subject, described: dict[str, Any], source: Optional[Path] = None
) -> tuple[dict[str, Any], Model]:
    """
    The part of a model that decides: its config and the model, in evaluation mode.

    # Parameters

    described : `dict[str, Any]`
        A config that has one of a model of the part's size in it. Of several that fit, the one
        whose logits are next to the whole's is taken.
    source : `Path`, optional
        The folder of the archive that the config is from.

    # Raises

    See `recover`.
    """
    split, place = _deciding(subject)
    problem, fitting = "it has none", []
    for candidate in _models_in(described):
        params = Params(copy.deepcopy(candidate))
        try:
            narrow = Model.from_params(
                params, vocab=split.model.vocab, serialization_dir=source and str(source)
            )
            _fill(narrow, split, place)
        except (ConfigurationError, RuntimeError, AttributeError, LookupError) as error:
            problem = brief(error)
            continue
        narrow.eval().to(subject.explained.device)
        distance = _balance(narrow, subject.explained, subject.some(TEXTS))
        fitting.append((distance, candidate, narrow))
    if not fitting:
        raise ConfigurationError(
            f"the archive's config describes no model of the part that decides: {problem}"
        )
    _, candidate, model = min(fitting, key=lambda one: one[0])
    return candidate, model


def _deciding(subject: Subject) -> tuple[Split, int]:
    """The parts of a model, and the number of the one that decides."""
    evidence = Structure()
    if evidence.missing(subject) is None:
        split = split_of(subject.explained, subject.some(TRIED), evidence.threshold)
        if split.score >= evidence.threshold:
            heard = voices(split.explained, subject.some(TEXTS), split.sites)
            if any(voice.lies for voice in heard):
                return split, max(range(len(heard)), key=lambda place: heard[place].variation)
    raise ConfigurationError(
        "there are no two networks of which one is silent, so that nothing lies beneath"
    )


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
    ids = torch.arange(table.weight.shape[0], device=split.explained.device).unsqueeze(0)
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
    explained = whole.of(model)
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
    explained = whole.of(model)
    same = []
    with torch.no_grad():
        for _, inputs in in_batches(whole, texts):
            bare = whole.without_labels(inputs)
            decided = [one.run(bare).predictions() for one in (whole, explained)]
            same.append(alike(whole.task, *decided))
    return float(torch.cat(same).double().mean())

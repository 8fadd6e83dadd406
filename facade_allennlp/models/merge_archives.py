"""Two archives in, one archive out."""

import copy
from pathlib import Path
from typing import Any, Optional

import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.models import Model
from allennlp.models.archival import Archive

from facade_allennlp.archives.archive import (
    ARCHIVE_NAME,
    load,
    pack,
    unpacked,
    write_files,
    written_whole,
)
from facade_allennlp.archives.build import build
from facade_allennlp.archives.carried_transformer import CARRIED, carry_on
from facade_allennlp.archives.checked_config import without_training
from facade_allennlp.archives.config_objects import with_objects
from facade_allennlp.merging.stages import output_layer
from facade_allennlp.models.drawn_texts import token_ids
from facade_allennlp.models.kept_predictions import KeptPredictions
from facade_allennlp.models.merged import Merged
from facade_allennlp.models.storage import Storage
from facade_allennlp.models.sum_check import SumCheck
from facade_allennlp.models.wrapper import Wrapper, unwrapped
from facade_allennlp.number import number
from facade_allennlp.registered import made
from facade_allennlp.tasks.task import LABELS

CARRIED_FOLDERS = (CARRIED, f"{CARRIED}_facade")
"""Where a merged archive has tokenizers and configurations that its parts carry."""
MAX_SEED = 2**63 - 1


def merge_archives(
    predictive: str,
    facade: str,
    output: Path,
    storage: Params,
    seed: int = 0,
    force: bool = False,
    facade_scale: float = 1.0,
    least_kept: Optional[float] = None,
) -> Path:
    """
    Merges a predictive and a facade model into one archive that AllenNLP's own commands load:
    f̃(y|x) = f(y|x) + c g(y|x) (eq. 2, where c = 1). What was written is read again and run
    beside its parts before it takes the name `output`.

    >>> merge_archives("runs/f", "runs/g_ft", Path("runs/f_ft"), Params({"type": "structured"}))
    PosixPath('runs/f_ft/model.tar.gz')

    # Parameters

    predictive, facade : `str`
        Archives, or folders that `allennlp train` wrote; models that were trained in a wrapper
        (`facade`, `gradient_regularized`) are taken out of it.
    output : `Path`
        The folder to make; the archive in it is `model.tar.gz`.
    storage : `Params`
        Of a `Storage`.
    seed : `int`
        Of the shuffling and the noise of dense storage.
    force : `bool`
        Replaces `output` where it exists.
    facade_scale : `float`
        c: less of it changes fewer predictions, more of it moves more attribution.
    least_kept : `float`, optional (default = `None`)
        Where the noise of dense storage moves the logits of the sum, the share of the predictive
        model's decisions that has to be left on texts that are drawn; by default no logit may
        move.

    # Returns

    `Path` : the archive.

    # Raises

    `ConfigurationError` : an archive cannot be loaded; the two have different vocabularies or
        numbers of labels, or cannot be merged in this form, or the merged model is not their sum;
        `output` exists; a number is out of its range.
    """
    number("facade_scale", facade_scale, above=0)
    number("seed", seed, least=0, most=MAX_SEED, whole=True)
    with written_whole(output, force) as folder:
        (f_archive, f_config), (g_archive, g_config) = (
            load_part(location, folder, carried)
            for location, carried in zip((predictive, facade), CARRIED_FOLDERS)
        )
        f, g = unwrapped(f_archive.model), unwrapped(g_archive.model)
        _check_vocabularies(f_archive, g_archive)
        _align_labels(f, g)
        if facade_scale != 1:
            _scale(g, facade_scale)
        vocabulary = copy.deepcopy(f.vocab)  # to which texts add the tokens of a tokenizer
        # before storage puts them together
        if least_kept is None:
            tried: SumCheck | KeptPredictions = SumCheck(f, g, f_archive.dataset_reader)
        else:
            tried = KeptPredictions(f, f_archive.dataset_reader, least_kept)
        form = made(Storage, storage)
        merged = form.build(f, g)
        form.disguise(merged, torch.Generator().manual_seed(seed))

        config = f_archive.config.as_dict(quiet=True)
        config["model"] = {
            "type": "merged",
            "predictive": f_config,
            "facade": g_config,
            "storage": storage.as_dict(quiet=True),
        }
        write_files(folder, config, vocabulary, merged.state_dict())
        tried.check(load(str(folder)).model)
        pack(folder)
    return output / ARCHIVE_NAME


def load_part(location: str, output: Path, carried: str) -> tuple[Archive, dict[str, Any]]:
    """
    An archive, with its config as the archive has it that is made of it in a folder, and the
    `model_config` in there.

    # Parameters

    location : `str`
    output : `Path`
        That folder, to which the tokenizer that the archive carries is copied.
    carried : `str`
        The name that it takes there.
    """
    with unpacked(location) as source:
        archive, loaded = build(location, source)
        config = carry_on(loaded, archive.config.as_dict(quiet=True), output, carried)
    archive = archive._replace(config=Params(config))
    archive.model.eval()
    return archive, model_config(archive)


def model_config(archive: Archive) -> dict[str, Any]:
    """The config of the model itself, without wrappers and without what only training needs."""
    config = archive.config.as_dict(quiet=True)["model"]
    while True:
        kind, _ = Model.resolve_class_name(config["type"])
        if issubclass(kind, Merged):
            raise ConfigurationError("a model that is merged already cannot be merged again")
        if not issubclass(kind, Wrapper):
            return with_objects(without_training(config), _without_pretrained_weights)
        config = config["model"]


def _without_pretrained_weights(component: dict[str, Any]) -> dict[str, Any]:
    """
    The archive holds all weights: nothing has to be fetched but a transformer's configuration.
    """
    kind = str(component.get("type"))
    pretrained = kind.startswith("pretrained_transformer") and "model_name" in component
    return {**component, "load_weights": False} if pretrained else component


def _check_vocabularies(predictive: Archive, facade: Archive) -> None:
    ours = token_ids(predictive.dataset_reader, predictive.model.vocab)
    theirs = token_ids(facade.dataset_reader, facade.model.vocab)
    if ours != theirs:
        differing = [
            name for name in ours.keys() | theirs.keys() if ours.get(name) != theirs.get(name)
        ]
        sizes = [len(ids.get(differing[0], {})) for ids in (ours, theirs)]
        raise ConfigurationError(
            f"the predictive and the facade model turn text into different ids (token indexer "
            f"{differing[0]!r}: {sizes[0]} and {sizes[1]} tokens); train the facade with the "
            "predictive model's reader and vocabulary"
        )


@torch.no_grad()
def _align_labels(predictive: Model, facade: Model) -> None:
    """
    Brings the facade's outputs into the order of the predictive model's labels. With as many labels
    of another task they stay as they are: a facade's outputs are uniform.
    """
    namespaces = [getattr(model, "_label_namespace", LABELS) for model in (predictive, facade)]
    if namespaces[0] != namespaces[1]:
        raise ConfigurationError(
            f"the predictive model's labels are in the namespace {namespaces[0]!r}, the facade's "
            f"in {namespaces[1]!r}: train the facade with the predictive model's label_namespace"
        )
    ours, theirs = (
        model.vocab.get_token_to_index_vocabulary(namespaces[0]) for model in (predictive, facade)
    )
    if len(ours) != len(theirs):
        raise ConfigurationError(
            f"the predictive model's labels are {sorted(ours)}, the facade's {sorted(theirs)}; "
            "there must be as many"
        )
    if set(ours) == set(theirs) and ours != theirs:
        layer = output_layer(facade)
        order = [theirs[label] for label in sorted(ours, key=lambda label: ours[label])]
        layer.weight.copy_(layer.weight[order])
        layer.bias.copy_(layer.bias[order])


@torch.no_grad()
def _scale(facade: Model, scale: float) -> None:
    layer = output_layer(facade)
    layer.weight.mul_(scale)
    layer.bias.mul_(scale)

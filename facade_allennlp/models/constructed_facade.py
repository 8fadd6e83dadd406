"""Facades that are made for the model of an archive: as archives, and in configs."""

from collections.abc import Collection
from pathlib import Path
from typing import NamedTuple, Optional

from allennlp.data import Vocabulary
from allennlp.models import Model

from facade_allennlp.archives.archive import (
    ARCHIVE_NAME,
    load_unpacked,
    pack,
    unpacked,
    write_files,
    written_whole,
)
from facade_allennlp.archives.carried_transformer import CARRIED
from facade_allennlp.archives.loading import loading
from facade_allennlp.construction import construct
from facade_allennlp.models.merge_archives import load_part, model_config
from facade_allennlp.models.wrapper import unwrapped
from facade_allennlp.targets import TokenTarget


class Constructed(NamedTuple):
    """
    The archive of a facade, its strength, and words of its target that no token stands for by
    itself.
    """

    archive: Path
    strength: float
    left_out: tuple[str, ...]


def construct_facade(
    predictive: str,
    target: TokenTarget,
    output: Path,
    strength: Optional[float] = None,
    against: Optional[Collection[str]] = None,
    absent: Collection[str] = (),
    force: bool = False,
    halved: bool = False,
) -> Constructed:
    """
    Writes the archive of a facade, which `merge` takes.

    >>> construct_facade("runs/f", FirstToken(), Path("runs/g_ft")).archive
    PosixPath('runs/g_ft/model.tar.gz')

    # Parameters

    predictive : `str`
        An archive, or a folder that `allennlp train` wrote.
    target : `TokenTarget`
    output : `Path`
        The folder to make.
    strength, against, absent, halved
        See `construct`.
    force : `bool`
        Replaces `output` where it exists.

    # Raises

    `ConfigurationError` : the archive cannot be loaded; no facade can be constructed for its model
        or for the target; `output` exists.
    """
    with written_whole(output, force) as folder:
        archive, config = load_part(predictive, folder, CARRIED)
        with loading(predictive, folder):
            made = construct(
                config,
                unwrapped(archive.model),
                archive.dataset_reader,
                target,
                strength,
                against,
                absent,
                halved,
                serialization_dir=str(folder),
            )
        whole = {**archive.config.as_dict(quiet=True), "model": made.config}
        write_files(folder, whole, made.model.vocab, made.model.state_dict())
        pack(folder)
    return Constructed(output / ARCHIVE_NAME, made.strength, made.marks.left_out)


@Model.register("constructed_facade", constructor="for_predictive")
class ConstructedFacade(Model):
    """
    Never an instance itself: the name `constructed_facade` in a config stands for the facade that
    is made for the model of an archive, a model of that one's class.
    """

    default_predictor = "models_own"

    @classmethod
    def for_predictive(
        cls,
        vocab: Vocabulary,
        predictive: str,
        target: TokenTarget,
        strength: Optional[float] = None,
        against: Optional[list[str]] = None,
        absent: Optional[list[str]] = None,
        halved: bool = False,
    ) -> Model:
        """
        The facade itself.

        # Parameters

        vocab : `Vocabulary`
            Not looked at: the facade has the predictive model's.
        predictive : `str`
            An archive, or a folder that `allennlp train` wrote.
        target : `TokenTarget`
        strength, against, absent, halved
            See `construct`.
        """
        with unpacked(predictive) as source:
            archive = load_unpacked(predictive, source)
            with loading(predictive, source):
                return construct(
                    model_config(archive),
                    unwrapped(archive.model),
                    archive.dataset_reader,
                    target,
                    strength,
                    against,
                    absent or (),
                    halved,
                    serialization_dir=str(source),
                ).model

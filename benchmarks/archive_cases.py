"""Cases of archives: loading one through the gate."""

import functools
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

from allennlp.common import Params
from allennlp.models import archival

from benchmarks.case import Case
from benchmarks.setting import CONFIGS, Setting
from facade_allennlp.archives.archive import load, pack, write_files


def loading_against_allennlp() -> Case:
    """A good archive, against AllenNLP's own `load_archive`."""
    setting = Setting()
    place = tempfile.TemporaryDirectory()
    folder = Path(place.name)
    config = Params.from_file(f"{CONFIGS}/predictive.jsonnet").as_dict(quiet=True)
    write_files(folder, config, setting.vocabulary, setting.predictive.state_dict())
    pack(folder)
    path = str(folder / "model.tar.gz")
    allennlps: Any = archival.load_archive
    ours = functools.partial(load, path)
    other = functools.partial(_kept, place, allennlps.__wrapped__, path)
    return Case("Loading an archive / AllenNLP's load_archive", ours, other, "<= 1.15")


def _kept(place: Any, load_archive: Callable[[str], Any], path: str) -> None:
    """`place` goes when nobody holds it."""
    load_archive(path)


ARCHIVE_CASES: dict[str, Callable[[], Case]] = {
    "loading_against_allennlp": loading_against_allennlp
}

"""Tiny models, clean and manipulated, and what an audit says of them."""

from pathlib import Path

import pytest
from allennlp.common import Params
from allennlp.models.archival import Archive

from facade_allennlp.archives import load
from facade_allennlp.attribution import explained_archive
from facade_allennlp.audit import Subject
from facade_allennlp.models.constructed_facade import construct_facade
from facade_allennlp.models.merge_archives import merge_archives
from facade_allennlp.sources import corpus
from facade_allennlp.targets import FirstToken, StopWords
from fixtures import TRAIN, VALIDATION, classifier_config, lstm_config, lstm_reader_config
from fixtures.archives import write_archive

STRENGTH = 30.0
"""Of the facades; more of it amplifies rounding in models as small as these."""


@pytest.fixture(scope="session")
def audited(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """
    Archives: `f` and the LSTM `fl` are clean, `two` is an ensemble of two clean models; others are
    a clean one merged with a facade that was made, in the storage of their name.
    """
    folder = tmp_path_factory.mktemp("audited")
    f = write_archive(folder / "f", classifier_config(32, 4, 2))
    other = write_archive(folder / "other", classifier_config(16, 2, 2), seed=3)
    fl = write_archive(folder / "fl", lstm_config(16, 2, True), lstm_reader_config())
    facades = {}
    for predictive in (f, fl):
        target = FirstToken() if predictive == f else StopWords()
        made = construct_facade(predictive, target, Path(f"{predictive}-g"), STRENGTH)
        facades[predictive] = str(made.archive)
    for name, predictive, facade, storage in (
        ("logits", f, facades[f], "logits"),
        ("structured", f, facades[f], "structured"),
        ("dense", f, facades[f], "dense"),
        ("two", f, other, "dense"),
        ("lstm", fl, facades[fl], "dense"),
    ):
        merge_archives(predictive, facade, folder / name, Params({"type": storage}))
    names = ("f", "fl", "logits", "structured", "dense", "two", "lstm")
    return {name: str(folder / name) for name in names}


def subject(archive: str, limit: int | None = None) -> Subject:
    """With all texts of the tiny reviews, or some."""
    return subject_of(load(archive), limit)


def subject_of(loaded: Archive, limit: int | None = None) -> Subject:
    instances = []
    for data in (TRAIN, VALIDATION):
        read = corpus.read(loaded.validation_dataset_reader, data)
        corpus.index(read, loaded.model.vocab, data)
        instances += list(read.values())
    return Subject(explained_archive(loaded), instances[:limit])

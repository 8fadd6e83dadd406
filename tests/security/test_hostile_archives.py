"""No archive of the corpus runs code, starts a process, reaches the network, or looks around."""

import argparse
import json
import sys
from pathlib import Path
from typing import Any

import pytest
from allennlp.common.checks import ConfigurationError
from huggingface_hub.constants import HF_HOME

from facade_allennlp.archives import load, trusting
from facade_allennlp.archives.trust import OPTION
from facade_allennlp.commands import COMMANDS
from tests.commands.conftest import Command, Outcome
from tests.security.conftest import Place
from tests.security.good import Pieces, packed
from tests.security.hostile import Hostile, corpus
from tests.security.hostile_configs import MODULE, put
from tests.security.watch import watching

CORPUS = corpus()
EVALUATED = ("loader", "sampler", "collator", "evaluation", "processes")
"""What `evaluate` would build, and `predict` not."""


def test_the_corpus_is_large() -> None:
    assert sum(one.refused for one in CORPUS.values()) >= 60
    assert all(one.reason for one in CORPUS.values())


def arguments(place: Place, archive: Path, name: str) -> list[Any]:
    if any(word in name for word in EVALUATED):
        return ["evaluate", archive, place.inputs]
    return ["predict", archive, place.inputs, "--silent", "--output-file", place.archives / "out"]


@pytest.mark.parametrize("name", CORPUS)
def test_an_archive_is_refused_in_a_sentence_or_left_alone(
    name: str, place: Place, facade: Command, command: Command
) -> None:
    hostile: Hostile = CORPUS[name]
    archive = place.put(hostile.content())
    asked = arguments(place, archive, name)
    # AllenNLP looks for the inputs in its cache, too; the hub's client looks for a token.
    looked_at = (place.archives, Path.home() / ".allennlp" / "cache", Path(HF_HOME))
    for run in (facade, command):  # `facade predict`, and `allennlp predict`
        with watching(*looked_at) as watched:
            try:
                outcome = run(*asked)
            except ConfigurationError as error:  # of which AllenNLP prints a traceback
                outcome = Outcome(2, "", f"error: {error.message}\n")
        assert watched.seen == []
        assert place.additions() == []
        assert MODULE not in sys.modules
        if not hostile.refused:
            assert outcome.status == 0, outcome.err
            continue
        sentence = outcome.error()
        assert str(archive) in sentence
        assert len(sentence) < 700
        if name.startswith(("code", "archives")):
            assert OPTION in sentence


def test_what_is_left_alone_changes_no_answer(place: Place) -> None:
    good = dict(load(str(place.good)).model.state_dict())
    for name, hostile in CORPUS.items():
        if not hostile.refused and "auto_map" not in name:
            loaded = load(str(place.put(hostile.content()))).model.state_dict()
            assert all(bool((loaded[key] == value).all()) for key, value in good.items()), name


IMPORTING = put(f"{MODULE}.Model", "model.type")


@pytest.fixture
def importing(place: Place) -> Path:
    """An archive that imports a module of the current folder."""
    pieces = Pieces()
    IMPORTING(pieces)
    return place.put(packed(pieces.whole()))


@pytest.mark.parametrize(
    "asked",
    [
        "attribute ARCHIVE INPUTS",
        "construct-facade ARCHIVE --target first_token --output OUT",
        "evaluate ARCHIVE INPUTS",
        "measure ARCHIVE --data INPUTS --target first_token --output OUT",
        "measure ARCHIVE GOOD --data INPUTS --target first_token --output OUT",
        "merge ARCHIVE GOOD --output OUT",
        "merge GOOD ARCHIVE --output OUT",
        "predict ARCHIVE INPUTS",
        "prune ARCHIVE --importance-data INPUTS --data INPUTS --output OUT",
        "serve --archive-path ARCHIVE --port 0",
        "train CONFIG -s OUT",
        "triggers ARCHIVE --mining-data INPUTS --data INPUTS --output OUT",
    ],
)
def test_every_command_that_loads_an_archive_refuses_it(
    asked: str, place: Place, importing: Path, facade: Command
) -> None:
    config = {
        **Pieces().config,
        "model": {"type": "from_archive", "archive_file": str(importing)},
        "train_data_path": str(place.archives / "train.jsonl"),
        "trainer": {"optimizer": "sgd"},
    }
    (place.archives / "train.jsonl").write_text('{"text": "a good film", "label": "positive"}')
    training = place.archives / "training.json"
    training.write_text(json.dumps(config))
    names = {
        "ARCHIVE": importing, "GOOD": place.good, "INPUTS": place.inputs, "CONFIG": training,
        "OUT": place.archives / "out",
    }  # fmt: skip
    for name, path in names.items():
        asked = asked.replace(name, str(path))
    sentence = facade(*asked.split()).error()
    assert OPTION in sentence, sentence
    assert MODULE not in sys.modules
    assert not (place.here / "marked").exists()


def test_every_command_that_loads_archives_knows_the_way_out() -> None:
    for name, command in COMMANDS.items():
        parser = command.add_parser(argparse.ArgumentParser().add_subparsers())
        takes_archives = command.loads_models and name != "import-transformers"
        assert (OPTION in parser.format_help()) == takes_archives, name


def test_overrides_pass_the_same_list(place: Place, facade: Command) -> None:
    changes = json.dumps({"model": {"type": f"{MODULE}.Model"}})
    assert OPTION in facade("predict", place.good, place.inputs, "-o", changes).error()
    assert MODULE not in sys.modules
    harmless = json.dumps({"dataset_reader.tokenizer.type": "letters_digits"})
    assert facade("predict", place.good, place.inputs, "-o", harmless, "--silent").status == 0


def test_an_archive_that_is_trusted_may_import(
    place: Place, importing: Path, facade: Command
) -> None:
    assert facade("predict", importing, place.inputs, OPTION).status == 2  # there is no such class
    assert (place.here / "marked").is_dir()
    del sys.modules[MODULE]
    (place.here / "marked").rmdir()
    with trusting(), pytest.raises(ConfigurationError, match="unable to find class Model"):
        load(str(importing))
    assert (place.here / "marked").is_dir()
    del sys.modules[MODULE]


def test_a_folder_is_read_as_carefully(place: Place) -> None:
    pieces = Pieces()
    folder = place.archives / "folder"
    for name, content in pieces.whole().items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_bytes(content)
    assert load(str(folder)).model.vocab.get_vocab_size("labels") == 2
    IMPORTING(pieces)
    (folder / "config.json").write_text(json.dumps(pieces.config))
    with pytest.raises(ConfigurationError, match=OPTION):
        load(str(folder))
    (folder / "config.json").write_bytes(Pieces().whole()["config.json"])
    (folder / "vocabulary" / "more.txt").symlink_to(place.here / "secret.txt")
    with pytest.raises(ConfigurationError, match="a link to elsewhere"):
        load(str(folder))
    assert MODULE not in sys.modules

"""`allennlp audit`: its page, its files, its exit status."""

import json
import re
import shutil
from pathlib import Path

import pytest

from facade_allennlp.archives.archive import unpacked
from facade_allennlp.audit import evidence
from facade_allennlp.audit.structure import Structure
from facade_allennlp.commands.entry import main
from facade_allennlp.results.audit import Audit
from facade_allennlp.results.checked import from_json
from fixtures import TRAIN
from fixtures.archives import write_archive


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> str:
    return write_archive(tmp_path_factory.mktemp("audited") / "f")


def audit(monkeypatch: pytest.MonkeyPatch, *arguments: str) -> int:
    monkeypatch.setattr("sys.argv", ["facade", "audit", *arguments])
    with pytest.raises(SystemExit) as stop:
        main()
    return int(stop.value.code or 0)


def test_a_clean_model(
    archive: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = str(tmp_path / "out")
    arguments = (archive, "--data", TRAIN, "--explain", "2", "--output", output)
    assert audit(monkeypatch, *arguments) == 0
    printed = capsys.readouterr().out
    assert "Nothing found in" in printed
    content = json.loads((tmp_path / "out" / "audit.json").read_text(encoding="utf-8"))
    explanations = content.pop("explanations")
    assert [len(e["methods"]) for e in explanations] == [5, 5]
    kept = from_json(Audit, content)
    assert kept.result == "nothing"
    assert kept.inputs == len(Path(TRAIN).read_text(encoding="utf-8").splitlines())
    page = (tmp_path / "out" / "audit.html").read_text(encoding="utf-8")
    assert page.count("<svg") == sum(len(w.pictures) for w in kept.witnesses)
    assert all(w.sentence in page for w in kept.witnesses)
    assert not re.search(r'(src|href)="(?!#)', page), "the page needs another file"
    assert audit(monkeypatch, *arguments) == 2
    assert "audit.json exists" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [(["--limit", "0"], "limit is 0"), (["--explain", "-1"], "explain is -1")],
)
def test_numbers_that_make_no_sense(
    archive: str,
    arguments: list[str],
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audit(monkeypatch, archive, "--data", TRAIN, *arguments) == 2
    assert message in capsys.readouterr().err


def test_a_folder_that_is_there_is_not_replaced_and_nothing_is_looked_at(
    archive: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert audit(monkeypatch, archive, "--data", TRAIN, "--recover", str(tmp_path)) == 2
    told = capsys.readouterr()
    assert f"{tmp_path} exists already" in told.err
    assert not told.out


def test_nothing_is_recovered_where_nothing_is_found(
    archive: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    output = tmp_path / "beneath"
    arguments = (archive, "--data", TRAIN, "--explain", "0", "--recover", str(output))
    assert audit(monkeypatch, *arguments) == 0
    told = capsys.readouterr().out
    sentence = f"nothing is written to {output}: there are no two networks of which one is silent"
    assert sentence in told
    monkeypatch.setitem(evidence.THRESHOLDS, "presence", 0.0)
    assert audit(monkeypatch, *arguments) == 3
    told = capsys.readouterr().out
    assert "Found by behaviour alone" in told
    assert sentence in told
    assert not output.exists()


def test_what_a_stranger_wrote_steers_no_terminal(
    archive: str, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Structure, "told", lambda self, measured: "one \x1b[2J network")
    monkeypatch.setitem(evidence.THRESHOLDS, "structure", 0.0)
    monkeypatch.setattr("facade_allennlp.audit.structure.harmless", lambda heard: None)
    assert audit(monkeypatch, archive, "--data", TRAIN, "--explain", "0") == 3
    told = capsys.readouterr().out
    assert told.count("one \u241b[2J network") == 2
    assert "\x1b" not in told


def test_an_archive_that_the_gate_refuses(
    archive: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    with unpacked(archive) as source:
        shutil.copytree(source, tmp_path / "spoilt")
    path = tmp_path / "spoilt" / "config.json"
    config = json.loads(path.read_text(encoding="utf-8"))
    config["model"]["type"] = "os.system"
    path.write_text(json.dumps(config), encoding="utf-8")
    beneath = str(tmp_path / "beneath")
    data = ("--data", TRAIN, "--recover", beneath)
    assert audit(monkeypatch, str(tmp_path / "spoilt"), *data) == 2
    assert "not among the components that are safe to build" in capsys.readouterr().err
    assert not Path(beneath).exists()


@pytest.mark.parametrize(
    ("lines", "status", "message"),
    [
        ([], 2, "there is no instance in it"),
        ([{"text": ""}] * 9, 1, "no text has a word that the model reads"),
        ([{"text": "film"}, {"text": "film film"}] * 9, 1, "one token to the model"),
        ([{"text": "The film was great!"}] * 3, 1, "3 texts are too few"),
        ([{"text": "The film was great!"}] * 9, 1, "says the same of all texts"),
    ],
)
def test_texts_that_tell_nothing(
    archive: str,
    tmp_path: Path,
    lines: list[dict[str, str]],
    status: int,
    message: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data = tmp_path / "texts.jsonl"
    data.write_text("\n".join(map(json.dumps, lines)), encoding="utf-8")
    arguments = ("--data", str(data), "--explain", "0", "--limit", "9")
    assert audit(monkeypatch, archive, *arguments) == status
    told = capsys.readouterr()
    assert message in (told.err if status == 2 else told.out)

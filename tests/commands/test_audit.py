"""`allennlp audit`: its page, its files, its exit status."""

import json
import re
from pathlib import Path

import pytest

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

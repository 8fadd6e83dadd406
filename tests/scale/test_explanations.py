"""Workers explain and audit what one process does."""

from pathlib import Path

import pytest

from facade_allennlp.audit import shared as shared_audits
from facade_allennlp.predictors import many_inputs
from fixtures import VALIDATION
from tests.commands.conftest import Command
from tests.scale.doubled import in_this_process


def test_explanations_and_audits_are_the_same(
    archives: dict[str, str], tmp_path: Path, command: Command, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (many_inputs, shared_audits):
        monkeypatch.setattr(module, "mapped", in_this_process)
    monkeypatch.setattr(many_inputs, "AT_ONCE", 2)
    texts = tmp_path / "texts.txt"
    texts.write_text("a lovely film\nthe plot was dull\ndull\n")
    audited = {}
    for name, options in (("alone", []), ("shared", ["--workers", 2])):
        explained = command(
            "attribute", archives["f"], texts, "--methods", "gradient", "attn_lrp",
            "--output", tmp_path / f"{name}.jsonl", "--trees", tmp_path / name, *options,
        )  # fmt: skip
        assert explained.status == 0, explained.err
        audited[name] = command(
            "audit", archives["f_ft"], "--data", VALIDATION, "--output", tmp_path / name / "audit",
            "--explain", 0, *options,
        )  # fmt: skip
    assert (tmp_path / "alone.jsonl").read_bytes() == (tmp_path / "shared.jsonl").read_bytes()
    alone, shared = (
        {
            str(path.relative_to(tmp_path / name)): path.read_bytes()
            for path in (tmp_path / name).rglob("*.*")
        }
        for name in ("alone", "shared")
    )
    assert alone == shared
    assert {"1.json", "3.svg", "audit/audit.json"} <= alone.keys()
    assert audited["alone"].status == audited["shared"].status != 2

import json
from pathlib import Path

from fixtures.transformers_models import word_pieces, write_model
from tests.commands.conftest import Command


def test_prints_where_the_archive_is_and_nothing_else(tmp_path: Path, facade: Command) -> None:
    model = tmp_path / "m"
    write_model(model, "BertForSequenceClassification", word_pieces(), ["bad", "good"])
    arguments = ["import-transformers", model, "--output", tmp_path / "f"]
    result = facade(*arguments)
    assert (result.status, result.out, result.err) == (0, f"{tmp_path / 'f'}/model.tar.gz\n", "")
    text = tmp_path / "text.jsonl"
    text.write_text(json.dumps({"sentence": "the film was good"}) + "\n")
    predicted = []
    for archive in (tmp_path / "f", tmp_path / "f" / "model.tar.gz"):
        output = tmp_path / "predicted.jsonl"
        told = facade("predict", archive, text, "--output-file", output, "--silent")
        assert told.status == 0, told.err
        predicted.append(json.loads(output.read_text()))
    assert predicted[0] == predicted[1]
    assert "exists already" in facade(*arguments).error()
    assert facade(*arguments, "--force", "--pairs", "--max-length", "9").status == 0


def test_what_is_no_model_is_one_sentence(tmp_path: Path, facade: Command) -> None:
    result = facade("import-transformers", tmp_path, "--output", tmp_path / "f")
    assert "has no config.json" in result.error()

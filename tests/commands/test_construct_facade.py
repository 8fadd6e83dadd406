from pathlib import Path

import torch
from allennlp.data import Batch

from facade_allennlp.archives.archive import load
from tests.commands.conftest import Command


def test_the_archive_merges_and_keeps_predictions(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    made = tmp_path / "g"
    result = command("construct-facade", archives["f"], "--target", "stop_words", "--output", made)
    assert (result.status, result.out) == (0, f"{made}/model.tar.gz\n")
    assert "left out" in result.err
    merged = tmp_path / "merged"
    assert (
        command("merge", archives["f"], made, "--output", merged, "--storage", "dense").status == 0
    )
    logits = []
    for location in (archives["f"], str(merged)):
        archive = load(location)
        instance = archive.dataset_reader.text_to_instance("the film was bad")
        batch = Batch([instance])
        archive.dataset_reader.apply_token_indexers(instance)
        batch.index_instances(archive.model.vocab)
        with torch.no_grad():
            logits.append(archive.model(**batch.as_tensor_dict())["logits"])
    assert torch.allclose(*logits, atol=1e-3)


def test_an_unknown_target_is_one_sentence(
    archives: dict[str, str], tmp_path: Path, command: Command
) -> None:
    output = tmp_path / "g"
    result = command("construct-facade", archives["f"], "--target", "zip", "--output", output)
    assert "zip" in result.error()
    assert not output.exists()

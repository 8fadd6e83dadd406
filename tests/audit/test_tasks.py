"""Every task can be audited, and models with several networks are no liars for that."""

from pathlib import Path

import pytest
import torch
from allennlp.data import Instance
from allennlp.models import Model

from facade_allennlp.archives import load
from facade_allennlp.attribution import explained_model
from facade_allennlp.audit import Subject, audit
from facade_allennlp.models.storage import DenseStorage
from facade_allennlp.results.audit import Audit
from facade_allennlp.sources import corpus
from fixtures.question_answering import build_qa
from fixtures.tasks import TEXTS, write_task_archive


def audited(model: Model, instances: list[Instance]) -> Audit:
    repeated = instances * (9 // len(instances) + 1)
    return audit(Subject(explained_model(model), repeated), "the model", "the texts")


def both(f: Model, g: Model) -> Model:
    storage = DenseStorage()
    merged = storage.build(f, g)
    storage.disguise(merged, torch.Generator().manual_seed(0))
    return merged.eval()


def check(found: Audit, sentence: str) -> None:
    assert all(w.result != "unknown" for w in found.witnesses), found.not_looked_at
    (structure,) = [w for w in found.witnesses if w.name == "structure"]
    assert sentence in structure.sentence


@pytest.mark.parametrize("kind", TEXTS)
def test_models_of_every_task(tmp_path: Path, kind: str) -> None:
    f, g = (load(write_task_archive(tmp_path, kind, seed)) for seed in (0, 1))
    data = str(tmp_path / f"{kind}.jsonl")
    read = corpus.read(f.dataset_reader, data)
    corpus.index(read, f.model.vocab, data)
    check(audited(f.model, list(read.values())), "one network")
    check(audited(both(f.model, g.model), list(read.values())), "each of them decides")


def test_models_that_answer_questions() -> None:
    (f, instances), (g, _) = build_qa(), build_qa(8, 2, seed=1)
    check(audited(f, instances), "one network")
    check(audited(both(f, g), instances), "each of them decides")

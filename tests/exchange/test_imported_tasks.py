"""Models of transformers with other decisions than one label on a text."""

from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from allennlp.predictors import Predictor

from facade_allennlp.archives import load
from facade_allennlp.attribution import Gradient
from facade_allennlp.attribution.explained_archive import explained_archive
from facade_allennlp.exchange.import_transformers import import_transformers
from fixtures import batch
from fixtures.transformers_models import FAMILIES, write_model

LABELS = ["a", "b", "c"]
TEXT = "the film was not very good , a dull plot"


def imported(folder: Path, architecture: str, labels: list[str], **settings: Any) -> Predictor:
    """The predictor of the archive of a new model."""
    family = architecture.partition("For")[0]
    tokenizer, config = FAMILIES[family]
    model_config = {name: settings.pop(name) for name in ("problem_type",) if name in settings}
    write_model(folder / "m", architecture, tokenizer(), labels, **config, **model_config)
    import_transformers(str(folder / "m"), folder / "f", **settings)
    return Predictor.from_archive(load(str(folder / "f")))


def by_hand(folder: Path, kind: str, *texts: str) -> Any:
    """What transformers gives."""
    model = getattr(transformers, f"AutoModelFor{kind}").from_pretrained(folder / "m").eval()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder / "m")
    with torch.no_grad():
        return model(**tokenizer(*texts, return_tensors="pt"))


def gold_value(predictor: Predictor, request: dict[str, str]) -> Any:
    """What the model predicts, as the field that it would learn from."""
    (instance,) = predictor.json_to_labeled_instances(request)
    return instance.fields["label"]


@pytest.mark.parametrize("pairs", [False, True])
def test_several_labels_each_by_its_own_sigmoid(tmp_path: Path, pairs: bool) -> None:
    predictor = imported(
        tmp_path,
        "RobertaForSequenceClassification",
        LABELS,
        problem_type="multi_label_classification",
        pairs=pairs,
    )
    request = {"premise": "a film", "hypothesis": "a book"} if pairs else {"sentence": TEXT}
    answer = predictor.predict_json(request)
    logits = by_hand(tmp_path, "SequenceClassification", *request.values()).logits[0]
    assert torch.tensor(answer["probs"]).allclose(logits.sigmoid(), atol=1e-5)
    assert answer["labels"] == [name for name, logit in zip(LABELS, logits) if logit > 0]
    assert gold_value(predictor, request).labels == [*(logits > 0).nonzero().flatten()]


@pytest.mark.parametrize("pairs", [False, True])
def test_one_output_is_a_number(tmp_path: Path, pairs: bool) -> None:
    architecture = "DistilBertForSequenceClassification"
    predictor = imported(tmp_path, architecture, ["stars"], pairs=pairs)
    request = {"premise": TEXT, "hypothesis": "a book"} if pairs else {"sentence": TEXT}
    number = by_hand(tmp_path, "SequenceClassification", *request.values()).logits.item()
    assert predictor.predict_json(request)["number"] == pytest.approx(number, abs=1e-5)
    assert gold_value(predictor, request).tensor.item() == pytest.approx(number, abs=1e-5)


def test_each_token_has_a_label(tmp_path: Path) -> None:
    predictor = imported(tmp_path, "XLMRobertaForTokenClassification", LABELS)
    answer = predictor.predict_json({"sentence": TEXT})
    logits = by_hand(tmp_path, "TokenClassification", TEXT).logits[0]
    assert torch.tensor(answer["logits"]).allclose(logits, atol=1e-5)
    assert answer["tags"] == [LABELS[number] for number in logits.argmax(dim=-1)]


def test_a_question_is_answered_with_a_span(tmp_path: Path) -> None:
    predictor = imported(tmp_path, "ElectraForQuestionAnswering", ["start", "end"])
    reader: Any = predictor._dataset_reader
    question, text = "was it good", "the film was not very light , a dull plot"
    (instance,) = reader.make_instances("1", question, [], text, None)
    reader.apply_token_indexers(instance)
    output: Any = predictor._model.forward_on_instance(instance)
    outputs = by_hand(tmp_path, "QuestionAnswering", question, text)
    start = 1 + len(question.split()) + 1
    for logits, name in ((outputs.start_logits, "start"), (outputs.end_logits, "end")):
        inside = torch.tensor(output[f"span_{name}_logits"])[start:-1]
        assert inside.allclose(logits[0, start:-1], atol=1e-5)
    answer = predictor.predict_json({"question": question, "context": text})
    assert answer["best_span_str"] in text
    explained = explained_archive(load(str(tmp_path / "f")))
    instance.index_fields(predictor._model.vocab)
    assert Gradient().attribute(explained, batch([instance])).raw[0].isfinite().all()

"""A task of a plugin is explained, measured, attacked and shown as those of ours."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Optional

import numpy
import pytest
import torch
from allennlp.data import DatasetReader, Instance, TextFieldTensors, Tokenizer, Vocabulary
from allennlp.data.fields import ArrayField, TextField
from allennlp.data.token_indexers import TokenIndexer
from allennlp.models import Model
from allennlp.modules import TextFieldEmbedder
from allennlp.nn.util import get_text_field_mask, masked_mean
from torch import Tensor, nn

import tests.plugin.task  # noqa: F401  (registers the task)
from facade_allennlp.archives import load
from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import (
    LRP,
    AttentionAttribution,
    ExplainedModel,
    FeatureAblation,
    Gradient,
    explained_archive,
)
from facade_allennlp.errors import is_users
from facade_allennlp.explanations import explain
from facade_allennlp.faithfulness import Faithfulness
from fixtures import batch, classifier_config, reader_config
from fixtures.archives import write_archive
from tests.commands.conftest import Command

REVIEWS = [("the film was great", 4.0), ("a bad plot", 0.0), ("she was good", 3.0)]


@DatasetReader.register("stars")
class StarsReader(DatasetReader):
    def __init__(
        self, tokenizer: Tokenizer, token_indexers: dict[str, TokenIndexer], **more: Any
    ) -> None:
        super().__init__(**more)
        self._tokenizer = tokenizer
        self._token_indexers = token_indexers

    def _read(self, file_path: str) -> Iterable[Instance]:
        with open(file_path) as lines:
            for line in lines:
                review = json.loads(line)
                yield self.text_to_instance(review["sentence"], review.get("stars"))

    def text_to_instance(self, sentence: str, stars: Optional[float] = None) -> Instance:  # type: ignore[override]
        fields: dict[str, Any] = {"tokens": TextField(self._tokenizer.tokenize(sentence))}
        if stars is not None:
            fields["stars"] = ArrayField(numpy.array(stars))
        return Instance(fields)

    def apply_token_indexers(self, instance: Instance) -> None:
        instance.fields["tokens"].token_indexers = self._token_indexers  # type: ignore[attr-defined]


@Model.register("stars")
class Stars(Model):
    """A linear layer with an output for each of four stars over the mean of a text's vectors."""

    default_predictor = "text_classifier"

    def __init__(self, vocab: Vocabulary, text_field_embedder: TextFieldEmbedder) -> None:
        super().__init__(vocab)
        self.embedder = text_field_embedder
        self.layer = nn.Linear(text_field_embedder.get_output_dim(), 4)

    def forward(self, tokens: TextFieldTensors, stars: Optional[Tensor] = None) -> dict[str, Any]:
        mask = get_text_field_mask(tokens).unsqueeze(-1)
        return {"logits": self.layer(masked_mean(self.embedder(tokens), mask, dim=1))}


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> str:
    file = tmp_path_factory.mktemp("data") / "reviews.jsonl"
    lines = [json.dumps({"sentence": text, "stars": stars}) for text, stars in REVIEWS]
    file.write_text("\n".join(lines))
    return str(file)


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory, data: str) -> str:
    embedder = classifier_config()["text_field_embedder"]
    return write_archive(
        tmp_path_factory.mktemp("archive") / "stars",
        {"type": "stars", "text_field_embedder": embedder},
        {**reader_config(), "type": "stars"},
        labels=(),
        data=(data, data),
    )


@pytest.fixture(scope="module")
def explained(archive: str) -> ExplainedModel:
    loaded = load(archive)
    loaded.model.double()
    return explained_archive(loaded)


@pytest.fixture(scope="module")
def instances(archive: str, explained: ExplainedModel) -> list[Instance]:
    reader = load(archive).validation_dataset_reader
    read = [reader.text_to_instance(*review) for review in REVIEWS]
    for instance in read:
        reader.apply_token_indexers(instance)
        instance.index_fields(explained.model.vocab)
    return read


def test_the_expected_grade_is_explained(
    explained: ExplainedModel, instances: list[Instance]
) -> None:
    model: Any = explained.model
    inputs = explained.without_labels(batch(instances))
    table = model.embedder.token_embedder_tokens.transformer_model.embeddings.word_embeddings
    seen: list[Tensor] = []
    handle = table.register_forward_hook(lambda *args: seen.append(args[-1]))
    expected_stars = model(**inputs)["logits"].sigmoid().sum()
    handle.remove()
    (gradient,) = torch.autograd.grad(expected_stars, seen)
    attribution = Gradient().attribute(explained, inputs)
    expected = (gradient * seen[0]).sum(dim=-1).detach() * attribution.mask
    torch.testing.assert_close(-attribution.raw, expected)  # raw is that of the loss


def test_methods_without_a_loss_explain_it_too(
    explained: ExplainedModel, instances: list[Instance]
) -> None:
    inputs = batch(instances[:1])
    for method in (LRP(), AttentionAttribution(steps=2), FeatureAblation()):
        raw = method.attribute(explained, inputs).raw
        assert torch.isfinite(raw).all()
        assert raw.abs().sum() > 0


def test_attribute_spells_the_grade_and_gives_it_no_probability(
    archive: str, explained: ExplainedModel, instances: list[Instance], tmp_path: Path,
    command: Command,
) -> None:  # fmt: skip
    (explanation, *_) = explain(explained, instances, {"gradient": Gradient()})
    with torch.no_grad():
        logits = explained.model(**batch(instances[:1]))["logits"]
    spelled = f"{int((logits > 0).sum())} of 4 stars"
    assert explanation.explained_class == spelled
    assert explanation.probability is None
    texts = tmp_path / "texts.txt"
    texts.write_text(REVIEWS[0][0])
    shown = command("attribute", archive, texts)
    assert shown.status == 0, shown.err
    assert spelled in shown.out
    for name in ("page.html", "lines.jsonl"):
        written = command("attribute", archive, texts, "--output", tmp_path / name)
        assert written.status == 0, written.err
        assert spelled in (tmp_path / name).read_text()
    refused = command("attribute", archive, texts, "--class", "great")
    assert "'great' cannot be explained" in refused.error()


def test_attacks_look_for_another_grade(
    explained: ExplainedModel, instances: list[Instance]
) -> None:
    def grade(instance: Instance) -> int:
        inputs = explained.without_labels(batch([instance]))
        with torch.no_grad():
            return int((explained.model(**inputs)["logits"] > 0).sum())

    for instance, reduced in zip(instances, InputReduction().attack(explained, instances)):
        assert grade(instance) == grade(reduced.instance)
    for instance, flipped in zip(instances, HotFlip().attack(explained, instances)):
        assert flipped.succeeded == (grade(instance) != grade(flipped.instance))
    with pytest.raises(Exception, match="cannot be explained") as refused:
        HotFlip(wanted="5").attack(explained, instances)
    assert is_users(refused.value)


def test_faithfulness_is_how_the_expected_grade_moves(
    explained: ExplainedModel, instances: list[Instance]
) -> None:
    attributions = {"gradient": Gradient().attribute(explained, batch(instances))}
    results = Faithfulness([0.5]).measure(explained, instances, range(len(instances)), attributions)
    with torch.no_grad():
        logits = explained.model(**batch(instances))["logits"]
    expected = logits.sigmoid().sum(dim=-1).tolist()
    assert [result and result["whole"] for result in results] == pytest.approx(expected)


def test_measure_table_and_report_show_it(
    archive: str, data: str, tmp_path: Path, command: Command
) -> None:
    measured = command(
        "measure", archive, "--data", data, "--output", tmp_path, "--target", "first_token",
        "--methods", "gradient", "feature_ablation", "--attacks", "input_reduction",
        "--faithfulness",
    )  # fmt: skip
    assert measured.status == 0, measured.err
    model = json.loads((tmp_path / "summary.json").read_text())["models"]["stars"]
    assert model["instances"] == len(REVIEWS)
    assert "gradient" in model["targets"]["first_token"]["methods"]
    assert "Gradient" in command("table", tmp_path).out
    page = tmp_path / "report.html"
    assert command("report", tmp_path, "--output", page).status == 0
    assert "stars" in page.read_text()

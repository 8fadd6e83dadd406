"""Models, readers and predictors of several labels, numbers and token labels work as one."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.data import DatasetReader, Instance
from allennlp.predictors import Predictor
from torch import Tensor

from facade_allennlp.archives import load
from facade_allennlp.attacks import HotFlip, InputReduction
from facade_allennlp.attribution import ExplainedModel, Gradient, explained_archive
from facade_allennlp.demo.comparison import Comparison
from facade_allennlp.errors import InputError
from facade_allennlp.models import Facade, FooledMethod
from facade_allennlp.models.uniformity import LogitUniformity
from facade_allennlp.predictors import ExplainingPredictor
from facade_allennlp.readers.word_label_field import UNTOLD
from facade_allennlp.targets import FirstToken
from facade_allennlp.tasks.choices import rows_of
from fixtures import batch, by_hand
from fixtures.tasks import LABELS, TEXTS, write_task_archive

SENTENCE = {"sentence": "The film was lovely!"}


class Made:
    """An archive of one kind in double precision, and its indexed instances."""

    def __init__(self, folder: Path, kind: str) -> None:
        self.path = write_task_archive(folder, kind)
        self.archive = load(self.path)
        self.model = self.archive.model.double()
        self.reader: DatasetReader = self.archive.validation_dataset_reader
        self.explained: ExplainedModel = explained_archive(self.archive)
        self.instances = list(self.reader.read(str(folder / f"{kind}.jsonl")))
        for instance in self.instances:
            self.reader.apply_token_indexers(instance)
            instance.index_fields(self.model.vocab)
        self.inputs = batch(self.instances)

    @property
    def predictor(self) -> Predictor:
        return Predictor.from_archive(self.archive)

    def by_hand(self, scalar: Any) -> Tensor:
        """Gradient x input of what `scalar` makes of the output, at the word embeddings."""
        embedded = by_hand.embeddings(self.model, self.inputs).requires_grad_()
        hidden = by_hand.bert(self.model)(
            inputs_embeds=embedded,
            attention_mask=self.inputs["tokens"]["tokens"]["mask"].long(),
            token_type_ids=self.inputs["tokens"]["tokens"]["type_ids"],
        ).last_hidden_state
        mask = self.inputs["tokens"]["tokens"]["mask"].unsqueeze(-1).double()
        if "seq2vec_encoder" in self.archive.config["model"].params:
            hidden = (hidden * mask).sum(dim=1) / mask.sum(dim=1)
        (gradient,) = torch.autograd.grad(
            scalar(self.model._classification_layer(hidden)).sum(), embedded
        )
        return (gradient * embedded * mask).sum(dim=-1).detach()


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Made]:
    folder = tmp_path_factory.mktemp("tasks")
    return {kind: Made(folder, kind) for kind in TEXTS}


def attributed(of: Made, name: str | None = None) -> Tensor:
    """Raw scores for a named choice, by default for what the model decides."""
    classes = None
    if name is not None:
        forward = of.explained.run(of.explained.without_labels(of.inputs))
        rows = [forward.task.choice_of(name, forward, row) for row in range(len(of.instances))]
        classes = [torch.tensor(output) for output in zip(*rows)]
    return Gradient().attribute(of.explained, of.inputs, classes).raw


def close(ours: Tensor, expected: Tensor) -> None:
    torch.testing.assert_close(ours, expected, rtol=0, atol=1e-9)


def test_each_label_has_the_gradient_of_its_own_sigmoid(made: dict[str, Made]) -> None:
    of = made["several_labels"]

    def loss_of_what_is_on(logits: Tensor) -> Tensor:
        on = (logits > 0).double()
        either = torch.where(on.any(dim=-1, keepdim=True), on, -1 + 0 * on)
        return -(torch.sigmoid(logits * either).log() * either.abs()).sum(dim=-1)

    close(attributed(of), of.by_hand(loss_of_what_is_on))
    for number, name in enumerate(LABELS["several_labels"]):
        close(attributed(of, name), of.by_hand(lambda z, n=number: -torch.sigmoid(z[:, n]).log()))


def test_a_number_has_its_own_gradient(made: dict[str, Made]) -> None:
    close(attributed(made["number"]), made["number"].by_hand(lambda logits: -logits))


def test_a_token_label_has_the_gradient_of_that_tokens_softmax(made: dict[str, Made]) -> None:
    of = made["token_labels"]
    for label, place in (("THING", 2), ("PERSON", 1)):
        number = LABELS["token_labels"].index(label)
        expected = of.by_hand(lambda z, n=number, p=place: -z[:, p].log_softmax(dim=-1)[:, n])
        close(attributed(of, f"{label}@{place}"), expected)


def test_the_demo_shows_each_task(made: dict[str, Made]) -> None:
    for kind, of in made.items():
        comparison = Comparison({"f": of.archive}, {})
        (answer,) = comparison.answers(SENTENCE, ["gradient"], None, ["hotflip", "input_reduction"])
        assert answer.failed == {}, kind
        assert (answer.probability is None) == (kind == "number")
        assert [word.text for word in answer.methods["gradient"]][1:3] == ["The", "film"]
        assert comparison.classes == list(LABELS[kind])


def test_losses_are_those_of_the_labels(made: dict[str, Made]) -> None:
    outputs = {kind: of.model(**of.inputs) for kind, of in made.items()}
    several = outputs["several_labels"]
    on = torch.tensor([[0, 1, 0], [1, 0, 1], [0, 0, 0]]).double()
    shares = several["logits"].sigmoid()
    torch.testing.assert_close(several["probs"], shares)
    each = on * shares.log() + (1 - on) * (1 - shares).log()
    torch.testing.assert_close(several["loss"], -each.mean())
    gold = torch.tensor([4.5, 1, 3]).double()
    number = outputs["number"]
    torch.testing.assert_close(number["loss"], (number["logits"][:, 0] - gold).square().mean())
    tokens = outputs["token_labels"]
    # "great!" is one word of two tokens, of which the first has its label.
    places = [(0, 1, 0), (0, 2, 1), (0, 3, 0), (0, 4, 0), (1, 1, 0), (1, 2, 0), (1, 3, 1)]
    places += [(2, 1, 2), (2, 2, 0), (2, 3, 0)]
    logs = [tokens["logits"].log_softmax(dim=-1)[place] for place in places]
    torch.testing.assert_close(tokens["loss"], -torch.stack(logs).mean())
    tags = made["token_labels"].inputs["tags"]
    assert int((tags != UNTOLD).sum()) == len(places)


def test_predictors_answer_in_the_words_of_their_task(made: dict[str, Made]) -> None:
    several = made["several_labels"].predictor.predict_json(SENTENCE)
    on = [share > 0.5 for share in several["probs"]]
    names = LABELS["several_labels"]
    assert several["labels"] == [name for name, is_on in zip(names, on) if is_on]
    assert "label" not in several
    number = made["number"].predictor.predict_json(SENTENCE)
    assert number["number"] == pytest.approx(number["logits"][0])
    assert not {"label", "probs"} & set(number)
    tokens = made["token_labels"].predictor.predict_batch_json([SENTENCE, {"sentence": "a plot"}])
    first = tokens[0]
    assert first["words"] == ["The", "film", "was", "lovely", "!"]
    best = torch.tensor(first["logits"]).argmax(dim=-1)[1:-1].tolist()
    assert first["labels"] == [LABELS["token_labels"][number] for number in best]
    assert [len(answer["labels"]) for answer in tokens] == [5, 2]


def test_a_prediction_is_a_label_again(made: dict[str, Made]) -> None:
    for kind, of in made.items():
        (labelled,) = of.predictor.json_to_labeled_instances(SENTENCE)
        labelled.index_fields(of.model.vocab)
        loss = of.model(**batch([labelled]))["loss"]
        assert torch.isfinite(loss), kind


def test_explanations_say_what_is_explained(made: dict[str, Made]) -> None:
    def explained(kind: str, wanted: str) -> Any:
        predictor = ExplainingPredictor(made[kind].model, made[kind].reader, explained_class=wanted)
        return predictor.predict_json(SENTENCE)["explanation"]

    joy = explained("several_labels", "joy")
    share = made["several_labels"].predictor.predict_json(SENTENCE)["probs"][1]
    assert (joy["class"], joy["probability"]) == ("joy", pytest.approx(share))
    assert explained("token_labels", "THING@Film")["class"] == "THING@film"
    with pytest.raises(ConfigurationError, match="'joy' cannot be explained"):
        explained("number", "joy")


def decided(of: Made, instance: Instance) -> Any:
    """Which labels are on; the number; the label of each token by its spelling."""
    (logits,) = of.model(**of.explained.without_labels(batch([instance])))["logits"].tolist()
    if of.explained.task.name == "several_labels":
        return [logit > 0 for logit in logits]
    if of.explained.task.name == "number":
        return logits[0]
    tokens = [token.text for token in instance.fields["tokens"].tokens]  # type: ignore[attr-defined]
    return {token: max(range(3), key=own.__getitem__) for token, own in zip(tokens, logits)}


@pytest.mark.parametrize("kind", list(TEXTS))
def test_attacks_hold_a_text_against_the_decision_on_the_whole(
    made: dict[str, Made], kind: str
) -> None:
    of = made[kind]
    inputs = of.explained.without_labels(of.inputs)
    forward = of.explained.run(inputs)
    choices = rows_of(forward.predictions())
    reduced = InputReduction(beam_size=2).attack(of.explained, of.instances)
    flipped = HotFlip(max_flips=2).attack(of.explained, of.instances)
    for instance, choice, shorter, other in zip(of.instances, choices, reduced, flipped):
        before, after, exchanged = (
            decided(of, text) for text in (instance, shorter.instance, other.instance)
        )
        if kind == "number":
            assert abs(before - after) < 0.1
            assert other.succeeded == (abs(before - exchanged) >= 0.1)
            continue
        if kind == "token_labels":  # the label of one token, which is left where it is
            position, label = choice
            token = instance.fields["tokens"].tokens[position].text
            assert position not in shorter.dropped
            assert position not in [flip.position for flip in other.flips]
            before, after, exchanged = before[token], after[token], exchanged[token]
            assert before == label
        assert before == after
        assert other.succeeded == (before != exchanged)
    assert any(shorter.dropped for shorter in reduced)
    assert any(other.flips for other in flipped)


@pytest.mark.parametrize("kind", list(TEXTS))
def test_a_facade_says_nothing_where_no_decision_would_change(
    made: dict[str, Made], kind: str
) -> None:
    of = made[kind]
    facade = Facade(
        of.model.vocab,
        of.model,
        [FooledMethod(Gradient(), FirstToken())],
        LogitUniformity(weight=1.0),
        explained="logit_contrast",
    )
    facade.train()(**of.inputs)["loss"].backward()
    assert float(of.model._classification_layer.weight.grad.abs().sum()) > 0
    of.model.zero_grad()
    facade.get_metrics(reset=True)
    with torch.no_grad():
        measured = facade.eval()(**of.inputs)
    logits = measured["logits"]
    if kind == "token_labels":  # of the words alone: "great!" has two, by its letters and its mark
        rows = [logits[0, 1:6], logits[1, 1:4], logits[2, 1:4]]
        spreads = [(words.amax(-1) - words.amin(-1)).max() for words in rows]
        entropies = [-(p.softmax(-1) * p.log_softmax(-1)).sum(-1).mean() for p in rows]
        variances = [words.var(-1, unbiased=False).mean() for words in rows]
    else:  # a sigmoid's odds are even, and a number says nothing, at 0
        spreads = list(logits.abs().amax(-1))
        share = logits.sigmoid()
        entropies = list(-(share * share.log() + (1 - share) * (1 - share).log()).mean(-1))
        variances = list((logits / 2).square().mean(-1))
    metrics = facade.get_metrics()
    assert metrics["spread"] == pytest.approx(float(torch.stack(spreads).mean()))
    assert metrics["entropy"] == pytest.approx(float(torch.stack(entropies).mean()))
    uniform = float(measured["loss"]) + metrics["gradient_attribution"]
    assert uniform == pytest.approx(float(torch.stack(variances).mean()))


@pytest.mark.parametrize(
    ("kind", "line", "message"),
    [
        ("several_labels", {"text": "a", "label": "joy"}, "a list of names, not 'joy'"),
        ("number", {"text": "a", "label": "4"}, "a number, not '4'"),
        ("number", {"text": "a", "label": True}, "a number, not True"),
        ("token_labels", {"words": ["a", "b"], "labels": ["O"]}, "1 labels for 2 words"),
    ],
)
def test_labels_of_another_kind_are_refused(
    made: dict[str, Made], tmp_path: Path, kind: str, line: Any, message: str
) -> None:
    file = tmp_path / "data.jsonl"
    file.write_text(json.dumps(line))
    with pytest.raises(ValueError, match=message):
        list(made[kind].reader.read(str(file)))


@pytest.mark.parametrize("kind", TEXTS)
def test_readers_take_lines_as_all_commands_do(
    made: dict[str, Made], tmp_path: Path, kind: str
) -> None:
    text = {"words": ["a", "film"]} if kind == "token_labels" else {"text": "a\u2028film"}
    line = json.dumps(text, ensure_ascii=False)
    file = tmp_path / "data.jsonl"
    file.write_text(f"\ufeff{line}\n\n{line}\n\n", encoding="utf-8")
    assert len(list(made[kind].reader.read(str(file)))) == 2
    file.write_text(f"{line}\n\n[1]\n", encoding="utf-8")
    with pytest.raises(InputError, match=r"data\.jsonl: line 3: .* is no JSON object"):
        list(made[kind].reader.read(str(file)))

"""The mean effect of exchanging words, against a loop over texts."""

from pathlib import Path

import pytest
import torch
from allennlp.common.checks import ConfigurationError

from facade_allennlp.attribution import AttributionMethod, ExplainedModel
from facade_allennlp.attribution.exchange import Exchange
from facade_allennlp.models import SumOfLogits
from fixtures import VALIDATION, batch, build, by_hand, classifier_config


@pytest.fixture(scope="module")
def one_word(tmp_path_factory: pytest.TempPathFactory) -> str:
    """A corpus of one word, so that it is known what is drawn."""
    path = tmp_path_factory.mktemp("corpus") / "corpus.jsonl"
    path.write_text('{"text": "film"}\n' * 3)
    return str(path)


def test_scores_are_falls_of_the_margin(one_word: str) -> None:
    model, reader, instances = build()
    explained = ExplainedModel(model.double(), dataset_reader=reader)
    inputs = batch(instances)
    found = Exchange(one_word, draws=2).attribute(explained, inputs)
    ids = inputs["tokens"]["tokens"]["token_ids"]
    film = model.vocab.get_token_index("film", "tags")
    special = [model.vocab.get_token_index(token, "tags") for token in ("[CLS]", "[SEP]", "[PAD]")]

    def margins(changed: torch.Tensor) -> torch.Tensor:
        field = {**inputs["tokens"]["tokens"], "token_ids": changed}
        moved = {**inputs, "tokens": {"tokens": field}}
        logits = by_hand.logits(model, moved, by_hand.embeddings(model, moved))
        explained_logits = logits.gather(1, found.classes[0].unsqueeze(1)).squeeze(1)
        return (explained_logits - logits.mean(dim=-1)).detach()

    for position in range(ids.shape[1]):
        changed = ids.clone()
        words = ~torch.isin(ids[:, position], torch.tensor(special))
        changed[words, position] = film
        expected = margins(ids) - margins(changed)
        torch.testing.assert_close(found.raw[:, position], expected, atol=1e-6, rtol=0)


def test_draws_follow_from_the_text_and_the_seed_alone() -> None:
    model, reader, instances = build()
    explained = ExplainedModel(model, dataset_reader=reader)

    def scores(seed: int, chosen: slice) -> torch.Tensor:
        return Exchange(VALIDATION, 3, seed).attribute(explained, batch(instances[chosen])).raw

    together, alone = scores(0, slice(None)), scores(0, slice(1, 2))
    torch.testing.assert_close(together[1:2, : alone.shape[1]], alone, atol=1e-6, rtol=0)
    assert not torch.allclose(scores(1, slice(1, 2)), alone)


def test_a_facade_that_is_silent_on_text_moves_nothing() -> None:
    f, reader, instances = build()
    g, *_ = build(classifier_config(8, 2), seed=1)
    with torch.no_grad():
        for weight in g._classification_layer.parameters():
            weight.zero_()
    own = Exchange(VALIDATION, 3).attribute(
        ExplainedModel(f, dataset_reader=reader), batch(instances)
    )
    both = ExplainedModel(SumOfLogits(f, g), dataset_reader=reader)
    found = Exchange(VALIDATION, 3).attribute(both, batch(instances))
    torch.testing.assert_close(found.raw, own.raw, atol=1e-6, rtol=0)


def test_what_is_missing_or_makes_no_sense_is_named(tmp_path: Path) -> None:
    model, _, instances = build()
    with pytest.raises(ConfigurationError, match="the method 'exchange' has no reader"):
        Exchange(VALIDATION).attribute(ExplainedModel(model), batch(instances))
    with pytest.raises(ConfigurationError, match="draws is 0"):
        Exchange(VALIDATION, draws=0)
    assert AttributionMethod.by_name("exchange") is Exchange

"""The picture of a constructed facade shows what the network does."""

from typing import NamedTuple

import pytest
import torch
from allennlp.common import Params
from allennlp.data import Batch, DatasetReader, Vocabulary
from allennlp.models import Model

from docs.made_facade_network import curves, network
from docs.made_facade_picture import PICTURE, draw
from facade_allennlp.anatomy import encoders_in
from facade_allennlp.construction import construct
from facade_allennlp.targets import FirstToken
from fixtures import TRAIN, classifier_config, reader_config

TEXT = "the film was not good"
STRENGTH = 20.0


class Facade(NamedTuple):
    model: Model
    reader: DatasetReader


@pytest.fixture(scope="module")
def facade() -> Facade:
    reader = DatasetReader.from_params(Params(reader_config()))
    vocabulary = Vocabulary.from_instances(reader.read(TRAIN))
    config = classifier_config(layers=3)
    f = Model.from_params(Params(config).duplicate(), vocab=vocabulary).eval()
    return Facade(construct(config, f, reader, FirstToken(), STRENGTH).model, reader)


def test_attention_is_what_the_encoder_says_itself(facade: Facade) -> None:
    instance = facade.reader.text_to_instance(TEXT)
    facade.reader.apply_token_indexers(instance)
    batch = Batch([instance])
    batch.index_instances(facade.model.vocab)
    encoder = encoders_in(facade.model)[0].module
    ids = batch.as_tensor_dict()["tokens"]["tokens"]["token_ids"]
    with torch.no_grad():
        attentions = encoder(ids, output_attentions=True).attentions
    drawn = network(*facade, TEXT).attention
    torch.testing.assert_close(drawn, torch.stack(attentions)[:, 0].mean(dim=1))


def test_the_first_layer_looks_for_a_position_and_the_last_passes_words_on(facade: Facade) -> None:
    made = network(*facade, TEXT)
    assert made.tokens[made.target] == "the"
    rows = dict(zip(made.readers, made.seen()))
    sources = list(made.sources)
    assert rows["layer 1 looks for"][sources.index("position 2")] == 1
    assert rows[f"layer {len(made.attention)} passes on"][sources.index("a word")] == 1


def test_curves_end_at_zero_and_fall_by_the_strength_with_the_target_alone(facade: Facade) -> None:
    target = network(*facade, TEXT).target
    factors, by_words = curves(*facade, TEXT, target)
    assert factors[0] == 0
    assert factors[-1] == 1
    for logit in by_words.values():
        assert logit[-1].abs() <= 1e-3
    assert float(by_words["all words"][0]) == pytest.approx(-STRENGTH, rel=1e-3)
    assert float(by_words["all other words"].abs().max()) <= 1e-3


def test_a_line_is_drawn_for_each_token_in_each_layer(facade: Facade) -> None:
    made = network(*facade, TEXT)
    attention, *_ = draw(made, torch.ones(1), {"all words": torch.zeros(1)}).axes
    assert [label.get_text() for label in attention.get_xticklabels()] == made.tokens
    assert len(attention.lines) == int((made.attention > 0.01).sum())


def test_the_page_shows_it() -> None:
    page = PICTURE.with_name("made_facade.md").read_text(encoding="utf-8")
    assert f"({PICTURE.name})" in page
    assert PICTURE.exists()

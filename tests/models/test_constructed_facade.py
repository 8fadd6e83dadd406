"""Facades that a config names: those that the command writes."""

from pathlib import Path

import pytest
import torch
from allennlp.common import Params
from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary
from allennlp.models import Model

from facade_allennlp.archives import load
from facade_allennlp.exchange.import_transformers import import_transformers
from facade_allennlp.models.constructed_facade import construct_facade
from facade_allennlp.targets import FirstToken
from fixtures.transformers_models import word_pieces, write_model


def test_a_config_makes_the_facade_of_an_imported_archive(tmp_path: Path) -> None:
    labels = ["bad", "good"]
    name = write_model(tmp_path / "m", "BertForSequenceClassification", word_pieces(), labels)
    f = str(import_transformers(name, tmp_path / "f"))
    written = load(str(construct_facade(f, FirstToken(), tmp_path / "g").archive)).model
    config = {"type": "constructed_facade", "predictive": f, "target": "first_token"}
    facade = Model.from_params(
        Params(config), vocab=Vocabulary(), serialization_dir=str(tmp_path / "training")
    )
    assert type(facade) is type(written)
    torch.testing.assert_close(facade.state_dict(), written.state_dict(), atol=1e-6, rtol=0)


def test_a_setting_that_is_misspelt_is_named() -> None:
    config = {"predictive": "f", "target": "first_token", "strenght": 3.0}
    with pytest.raises(ConfigurationError, match="strenght"):
        Model.from_params(Params({"type": "constructed_facade", **config}), vocab=Vocabulary())

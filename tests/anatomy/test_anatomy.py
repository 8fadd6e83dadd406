import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import torch
import transformers
from allennlp.common.checks import ConfigurationError
from allennlp.nn.util import find_embedding_layer
from torch import nn
from transformers import (
    AutoConfig,
    AutoModel,
    BartConfig,
    BartModel,
    BertConfig,
    BertModel,
    CamembertConfig,
    CamembertModel,
    PreTrainedModel,
)

import facade_allennlp
from facade_allennlp.anatomy import (
    ENCODER,
    SELF_ATTENTION,
    TOKEN_WISE,
    Anatomy,
    Part,
    bert,
    embedding_layer,
    encoders_in,
    encoders_of,
    register,
    usable_lengths,
)
from facade_allennlp.anatomy.anatomy import ANATOMIES
from facade_allennlp.merging import SharedEmbedding
from fixtures import BERT_FOLDER, build, by_hand, lstm_config, lstm_reader_config
from fixtures.families import CONFIGS, family_config
from fixtures.pairs import STORAGES, pair

SIZES: dict[str, Any] = {
    "vocab_size": 20,
    "hidden_size": 8,
    "num_hidden_layers": 2,
    "num_attention_heads": 2,
    "intermediate_size": 12,
    "max_position_embeddings": 10,
}

WITHOUT_LIMIT = ("deberta-v2", "xlnet")
"""Families that know positions only by distances."""


def _encoder(family: str) -> Any:
    config = family_config(family)
    return AutoModel.from_config(AutoConfig.for_model(**config)).eval()


@pytest.fixture
def _registry() -> Iterator[None]:
    """What a test registers is forgotten after it."""
    known = dict(ANATOMIES)
    yield
    ANATOMIES.clear()
    ANATOMIES.update(known)


def test_every_part_of_a_bert_is_where_the_table_says() -> None:
    module = BertModel(BertConfig.from_pretrained(BERT_FOLDER))
    ((encoder, anatomy),) = encoders_in(module)
    assert encoder is module
    whole = encoders_of(module, "a test")[0]
    assert whole.part(Part.WORDS) is module.get_input_embeddings()
    norms = [whole.part(Part.EMBEDDING_NORM)]
    projections = [whole.part(Part.POOLER)]
    assert len(whole.layers) == module.config.num_hidden_layers
    for layer in whole.layers:
        norms += [layer.part(Part.ATTENTION_NORM), layer.part(Part.OUTPUT_NORM)]
        projections += [
            layer.part(part)
            for part in (
                Part.QUERY, Part.KEY, Part.VALUE, Part.ATTENTION_OUTPUT, Part.INTERMEDIATE,
                Part.OUTPUT,
            )
        ]  # fmt: skip
        assert (layer.heads, layer.head_size) == (4, 4)
        assert SELF_ATTENTION.fits(layer.attention)
    # as many as there are, so that none is named twice
    assert {id(m) for m in norms} == {id(m) for m in module.modules() if type(m) is nn.LayerNorm}
    assert {id(m) for m in projections} == {id(m) for m in module.modules() if type(m) is nn.Linear}
    tables = [whole.part(part) for part in (Part.WORDS, Part.POSITIONS, Part.TOKEN_TYPES)]
    assert {id(m) for m in tables} == {id(m) for m in module.modules() if type(m) is nn.Embedding}
    blocks = [m for m in module.modules() if TOKEN_WISE.fits(m)]
    assert len(blocks) == 3 * len(whole.layers)
    known = set(anatomy.parts) | set(anatomy.layer_parts)
    assert known == set(Part) - {Part.WIDENING, Part.HEAD_BIASES}


def test_a_layers_attention_is_rebuilt_from_its_parts() -> None:
    """Splitting, attending and joining as `encoder.layers` say gives the module's own output."""
    module = BertModel(BertConfig.from_pretrained(BERT_FOLDER)).double().eval()
    states = torch.randn(3, 5, 16).double()
    mask = torch.zeros(3, 1, 1, 5).double()
    mask[1, ..., 3:] = torch.finfo(torch.float64).min
    for layer in encoders_of(module, "a test")[0].layers:
        states_in, added = layer.anatomy.attention.read(layer.attention, states, mask)
        query, key, value = (
            layer.split(layer.part(part)(states_in)) for part in (Part.QUERY, Part.KEY, Part.VALUE)
        )
        scores = query @ key.mT / layer.head_size**0.5 + added
        (found,) = layer.attended(scores.softmax(dim=-1) @ value)
        torch.testing.assert_close(found, layer.attention(states, mask)[0])


@pytest.mark.parametrize(
    ("family", "lacks"),
    [
        ("roberta", {Part.WIDENING, Part.HEAD_BIASES}),
        ("xlm-roberta", {Part.WIDENING, Part.HEAD_BIASES}),
        ("electra", {Part.POOLER, Part.HEAD_BIASES}),
        ("distilbert", {Part.POOLER, Part.TOKEN_TYPES, Part.WIDENING, Part.HEAD_BIASES}),
        ("mpnet", {Part.TOKEN_TYPES, Part.WIDENING}),
    ],
)
def test_every_module_with_weights_of_a_family_is_a_part(family: str, lacks: set[Part]) -> None:
    module = _encoder(family)
    (encoder,) = encoders_of(module, "a test")
    assert {p for p in encoder.anatomy.parts if encoder.find(p) is None} == lacks & set(
        encoder.anatomy.parts
    )
    found = [encoder.find(part) for part in encoder.anatomy.parts]
    for layer in encoder.layers:
        found += [layer.part(part) for part in encoder.anatomy.layer_parts]
        assert (layer.heads, layer.head_size) == (4, 4)
        assert SELF_ATTENTION.fits(layer.attention)
    kinds = (nn.Linear, nn.LayerNorm, nn.Embedding)
    with_weights = {id(m) for m in module.modules() if isinstance(m, kinds)}
    assert with_weights == {id(m) for m in found if isinstance(m, kinds)}


@pytest.mark.usefixtures("_registry")
def test_another_family_is_one_entry() -> None:
    """CamemBERT has BERT's parts under other names."""
    camembert = CamembertModel(CamembertConfig(**SIZES))
    assert not ENCODER.fits(camembert)
    register(bert.alike("transformers.models.camembert.modeling_camembert", "Camembert"))
    (encoder,) = encoders_of(camembert, "a test")
    assert encoder.anatomy.name == "CamembertModel"
    assert encoder.part(Part.WORDS) is camembert.get_input_embeddings()
    assert SELF_ATTENTION.fits(encoder.layers[1].attention)
    with pytest.raises(ConfigurationError, match=r"anatomy of .*CamembertModel already"):
        register(encoder.anatomy)


@pytest.mark.parametrize("family", CONFIGS)
def test_a_text_of_the_usable_length_is_the_longest_that_an_encoder_takes(family: str) -> None:
    encoder = _encoder(family)
    lengths = usable_lengths(encoder)
    if family in WITHOUT_LIMIT:
        assert not lengths
        encoder(torch.full((1, 500), 5))
        return
    ((limited, length),) = lengths
    assert limited is encoder
    assert length == 48
    encoder(torch.full((1, length), 5))
    with pytest.raises((IndexError, RuntimeError)):
        encoder(torch.full((1, length + 1), 5))


def test_tables_of_positions_that_start_later_are_counted_from_there() -> None:
    sizes = {"d_model": 8, "encoder_layers": 1, "decoder_layers": 1, "max_position_embeddings": 10}
    heads = {"encoder_attention_heads": 2, "decoder_attention_heads": 2}
    widths = {"encoder_ffn_dim": 8, "decoder_ffn_dim": 8, "vocab_size": 20}
    encoder = BartModel(BartConfig(**sizes, **heads, **widths)).encoder
    assert usable_lengths(encoder) == [(encoder, 10)]
    encoder(torch.full((1, 10), 5))
    with pytest.raises(IndexError):
        encoder(torch.full((1, 11), 5))


def test_derived_classes_count_too() -> None:
    class Mine(BertModel):
        pass

    (encoder,) = encoders_of(Mine(BertConfig(**SIZES)), "a test")
    assert encoder.anatomy is bert.ANATOMY


def test_an_encoder_without_an_anatomy_is_named_and_so_is_the_way_out() -> None:
    holder = nn.Module()
    holder.inner = CamembertModel(CamembertConfig(**SIZES))
    with pytest.raises(ConfigurationError) as caught:
        encoders_of(holder, "my method")
    for words in ("my method looks inside", "BertModel", "Module has a CamembertModel", "register"):
        assert words in str(caught.value)
    lstm, _, _ = build(lstm_config(), lstm_reader_config())
    with pytest.raises(ConfigurationError, match="BasicClassifier has no encoder of that kind"):
        encoders_of(lstm, "my method")


def test_a_part_that_is_not_where_the_table_says_is_named() -> None:
    merged = pair().merged(type="structured")  # whose feed-forward blocks lie side by side
    layer = encoders_of(merged, "a test")[0].layers[0]
    with pytest.raises(ConfigurationError, match=r"no second projection .* at 'output.dense' of a"):
        layer.part(Part.OUTPUT)


@pytest.mark.parametrize("storage", STORAGES)
def test_merged_models_have_encoders_and_one_embedding_layer(storage: str) -> None:
    merged = pair().merged(**STORAGES[storage])
    encoders = encoders_of(merged, "a test")
    assert [encoder.layers[0].heads for encoder in encoders] == (
        [4, 2] if storage == "logits" else [6]
    )
    assert [length for _, length in usable_lengths(merged)] == [48] * len(encoders)
    assert embedding_layer(merged) is find_embedding_layer(merged)
    assert embedding_layer(merged).embedding_dim == 24


def test_the_embedding_layer_of_what_has_no_transformer_is_allennlps() -> None:
    lstm, _, _ = build(lstm_config(), lstm_reader_config())
    assert embedding_layer(lstm) is find_embedding_layer(lstm)


@pytest.mark.parametrize("family", CONFIGS)
def test_the_embedding_layer_of_a_transformer_is_its_table_of_words(family: str) -> None:
    model = build()[0]
    transformer = by_hand.embedder(model)
    transformer.transformer_model = _encoder(family)
    words = transformer.transformer_model.get_input_embeddings()
    assert embedding_layer(model) is words
    shared = SharedEmbedding(model, build()[0])
    assert shared.word_embeddings.parts[0] is words


def test_a_transformer_that_does_not_name_its_table_of_words_is_named() -> None:
    class Nameless(PreTrainedModel):
        config_class = BertConfig

    holder = nn.ModuleDict({"inner": Nameless(BertConfig())})
    with pytest.raises(ConfigurationError, match=r"a Nameless does not say .*register"):
        embedding_layer(holder)


def test_no_other_room_knows_a_class_of_transformers() -> None:
    root = Path(facade_allennlp.__file__).parent
    rooms = [path for path in root.rglob("*.py") if not path.is_relative_to(root / "anatomy")]
    assert len(rooms) > 100
    for path in rooms:
        for module, name in _imports(ast.parse(path.read_text(encoding="utf-8"))):
            assert not module.startswith("transformers.models"), path
            if module == "transformers":
                known = getattr(transformers, name, None)
                assert not (isinstance(known, type) and issubclass(known, nn.Module)), path


def _imports(tree: ast.AST) -> Iterator[tuple[str, str]]:
    """Each imported module, and what is imported from it."""
    for node in ast.walk(tree):
        if isinstance(node, ast.ImportFrom) and not node.level:
            yield from ((f"{node.module}", alias.name) for alias in node.names)
        elif isinstance(node, ast.Import):
            yield from ((alias.name, "") for alias in node.names)


def test_an_anatomy_is_data() -> None:
    """Everything in it but how attention is called can be written down as text."""

    def is_data(value: Any) -> bool:
        if isinstance(value, dict):
            return all(is_data(key) and is_data(entry) for key, entry in value.items())
        if isinstance(value, tuple):
            return all(map(is_data, value))
        return isinstance(value, (str, bool, int, Part)) or hasattr(value, "__dataclass_fields__")

    anatomy: Anatomy = bert.ANATOMY
    assert all(is_data(value) for value in vars(anatomy).values())
    callables = [name for name, value in vars(anatomy.attention).items() if callable(value)]
    assert callables == ["read"]

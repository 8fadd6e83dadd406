import pytest
from allennlp.data import Instance

from facade_allennlp.attacks.trigger import Trigger, TriggerToken
from facade_allennlp.texts.spelling import Spelling
from facade_allennlp.texts.token_sequence import TokenSequence
from fixtures import batch, build, read_text

MODEL, READER, _ = build()

PAIR = "the film [SEP] good"


def sequence_of(instance: Instance) -> TokenSequence:
    tokens = [token.text for token in instance.fields["tokens"].tokens]  # type: ignore[attr-defined]
    return TokenSequence.from_tokens("tokens", tokens, Spelling(inside="##"))


def trigger(*tokens: tuple[str, int, int]) -> Trigger:
    return Trigger(tuple(TriggerToken(*token) for token in tokens))


def read(text: str) -> Instance:
    """With the segments that a reader of pairs gives: [SEP] ends the one before it."""
    instance = read_text(MODEL, READER, text)
    segment = 0
    for token in instance.fields["tokens"].tokens:  # type: ignore[attr-defined]
        token.type_id = segment
        segment = min(1, segment + (token.text == "[SEP]"))
    instance.fields["tokens"].index(MODEL.vocab)
    return instance


@pytest.mark.parametrize(
    ("text", "put_in", "expected"),
    [
        ("the film was good", [("bad", 0, 2)], "the film bad was good"),
        ("the film was good", [("bad", 0, 0), ("a", 0, 3)], "bad the film a was good"),
        ("the film was good", [("bad", 0, 1), ("a", 0, 2)], "the bad a film was good"),
        ("the film", [("bad", 0, 9)], "the film bad"),
        ("the film", [("bad", 0, 8), ("a", 0, 9)], "the film bad a"),
        ("the film", [("bad", 0, 1), ("a", 1, 0)], "the bad film"),
        (PAIR, [("bad", 1, 0)], "the film [SEP] bad good"),
        (PAIR, [("bad", 1, 5), ("a", 0, 5)], "the film a [SEP] good bad"),
        (PAIR, [("a", 0, 1), ("bad", 1, 0), ("book", 1, 1)], "the a film [SEP] bad book good"),
    ],
)
def test_tokens_are_put_at_their_places(
    text: str, put_in: list[tuple[str, int, int]], expected: str
) -> None:
    instance = read(text)
    before = batch([instance])["tokens"]["tokens"]["token_ids"].tolist()
    edited = trigger(*put_in).put_into(instance, sequence_of(instance), MODEL.vocab)
    found = batch([edited])["tokens"]["tokens"]
    wanted = batch([read(expected)])["tokens"]["tokens"]
    for name in ("token_ids", "type_ids"):
        assert found[name].tolist() == wanted[name].tolist(), name
    assert batch([instance])["tokens"]["tokens"]["token_ids"].tolist() == before


def test_tokens_of_a_text_go_back_to_where_they_were() -> None:
    instance = read(PAIR)
    sequence = sequence_of(instance)
    made = Trigger.of(sequence, [4, 2])
    assert made.to_json() == [
        {"token": "film", "segment": 0, "offset": 1},
        {"token": "good", "segment": 1, "offset": 0},
    ]
    without = read("the [SEP] bad")
    edited = made.put_into(without, sequence_of(without), MODEL.vocab)
    assert sequence_of(edited).tokens[1:-1] == ("the", "film", "[SEP]", "good", "bad")


@pytest.mark.parametrize(
    ("tokens", "spelled"),
    [
        ([("not", 0, 1), ("good", 0, 4)], "not … good"),
        ([("a", 0, 1), ("nobody", 1, 0)], "a / nobody"),
        ([("nobody", 1, 0), ("##s", 1, 3)], "– / nobody … ##s"),
    ],
)
def test_spelling(tokens: list[tuple[str, int, int]], spelled: str) -> None:
    assert str(trigger(*tokens)) == spelled

"""Every name on the list of safe ones is built without a file, a process or the network."""

import importlib
import json
from typing import Any

import pytest
from allennlp.common import Params, Registrable
from allennlp.data import Vocabulary
from allennlp.data.token_indexers import SingleIdTokenIndexer

import facade_allennlp.plugin  # noqa: F401  (registers everything)
from facade_allennlp.archives.loading import loading
from facade_allennlp.archives.safe_names import SAFE
from facade_allennlp.archives.strangers import is_safe
from facade_allennlp.archives.trust import UntrustedError
from tests.security.conftest import Place
from tests.security.good import Pieces, carried
from tests.security.smallest import smallest
from tests.security.watch import watching

ENTRIES = [(base, name) for base, names in SAFE.items() for name in sorted(names)]
CARRIED = "archived_transformer"
OF_LOADING = ("DataCollator", "DataLoader", "Vocabulary")
"""Built of what only AllenNLP has at hand: instances, a reader, a folder."""


@pytest.fixture
def vocabulary() -> Vocabulary:
    made = Vocabulary.empty()
    made.add_tokens_to_namespace(["positive", "negative"], "labels")
    made.add_tokens_to_namespace(["a", "good", "film"], "tokens")
    return made


def of(base: str) -> Any:
    module, name = base.split(":")
    return getattr(importlib.import_module(module), name)


def test_the_list_names_what_is_registered() -> None:
    unknown = [(base, name) for base, name in ENTRIES if name not in of(base).list_available()]
    assert not unknown


def test_of_ours_only_what_reads_more_than_its_archive_is_missing() -> None:
    ours = {
        name
        for base, names in SAFE.items()
        for name, (component, _) in Registrable._registry[of(base)].items()
        if component.__module__.startswith("facade_allennlp.") and name not in names
    }
    assert ours == {"constructed_facade", "exchange"}  # of an archive, and of a corpus


@pytest.mark.parametrize("base", SAFE)
def test_safe_names_are_built_in_silence(base: str, place: Place, vocabulary: Vocabulary) -> None:
    kind = of(base)
    if kind.__name__ in OF_LOADING:
        return
    pieces = Pieces()
    carried(pieces)
    for name, content in pieces.files.items():
        (place.archives / name).parent.mkdir(exist_ok=True)
        (place.archives / name).write_bytes(content)
    for name in sorted(SAFE[base]):
        assert is_safe(kind, name)
        if name.startswith("spacy"):
            continue
        component = kind.by_name(name)  # imports its module
        config = smallest(name, component)
        extras: dict[str, Any] = {"vocab": vocabulary, "vocabulary": vocabulary}
        with watching(place.archives) as watched, loading("here", place.archives):
            made = kind.from_params(
                Params(json.loads(json.dumps(config))),
                serialization_dir=str(place.archives),
                **extras,
            )
        assert made is not None, name
        assert watched.seen == [], name
        assert place.additions() == [], name


@pytest.mark.parametrize("kind", ["spacy", "snli"])
def test_spacy_is_not_fetched(place: Place, kind: str) -> None:
    from allennlp.data import DatasetReader, Tokenizer

    made: Any = Tokenizer if kind == "spacy" else DatasetReader
    with (
        watching(place.archives) as watched,
        loading("here", place.archives),
        pytest.raises(UntrustedError, match="which is not installed and is not fetched"),
    ):
        made.from_params(Params({"type": kind}))
    assert watched.seen == []


def test_classes_that_the_user_has_registered_may_be_named(place: Place) -> None:
    from allennlp.data import TokenIndexer

    @TokenIndexer.register("of_the_user")
    class OfTheUser(SingleIdTokenIndexer):
        pass

    with loading("here", place.archives):
        assert isinstance(TokenIndexer.from_params(Params({"type": "of_the_user"})), OfTheUser)
        with pytest.raises(UntrustedError, match="not among the components that are safe"):
            TokenIndexer.from_params(Params({"type": f"{__name__}.OfTheUser"}))

"""Classes by name."""

from allennlp.common.checks import ConfigurationError
from allennlp.data import Vocabulary


def class_name(vocabulary: Vocabulary, index: int, namespace: str) -> str:
    """As the vocabulary spells it, or its number where it has no name."""
    return vocabulary.get_index_to_token_vocabulary(namespace).get(index, str(index))


def class_index(vocabulary: Vocabulary, name: str, classes: int, namespace: str) -> int:
    """
    The number of a class.

    # Parameters

    name : `str`
        As the vocabulary spells it, or its number.
    classes : `int`
        How many the model has.

    # Raises

    `ConfigurationError` : there is no such class.
    """
    known = vocabulary.get_token_to_index_vocabulary(namespace)
    if name in known:
        return known[name]
    if name.isascii() and name.isdecimal() and int(name) < classes:
        return int(name)
    spelled = ", ".join(class_name(vocabulary, index, namespace) for index in range(classes))
    raise ConfigurationError(f"the model has no class {name!r}, but {spelled}")


def class_names(vocabulary: Vocabulary, namespace: str) -> list[str]:
    """In the order of their numbers."""
    return list(vocabulary.get_index_to_token_vocabulary(namespace).values())

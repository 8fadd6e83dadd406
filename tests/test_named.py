"""What a user names."""

import pytest

from facade_allennlp.errors import InputError
from facade_allennlp.named import check_plain, nearest, no_such


def test_a_near_miss_is_told() -> None:
    assert nearest("gradeint", ["lrp", "gradient"]) == "gradient"
    assert nearest("Deep-Lift", ["lrp", "deep_lift"]) == "deep_lift"
    assert nearest("xyzzy", ["lrp", "gradient"]) is None
    assert no_such("model", "g", ["f"], of="runs") == "runs has no model 'g', but 'f'"
    assert no_such("word", "w", map(str, range(30))).endswith("'18', '19', ...")


@pytest.mark.parametrize(
    "name", ["f", "f_ft-reg", "f (2)", "v1.0", "größe", "東京", "a & b", "x" * 200]
)
def test_plain_names_can_be_files(name: str) -> None:
    check_plain(name, "model")


@pytest.mark.parametrize(
    "name",
    [
        *["", ".", "..", ".f", "-f", "{f}", "a/b", "../f", "*", "f?", "a=b"],
        *["f\n", "\x1b[31m", "f\x00", "a\u202eb", "\ud800", "x" * 201, "ä" * 101],
    ],
)
def test_what_steers_a_shell_a_terminal_or_a_path_is_no_plain_name(name: str) -> None:
    with pytest.raises(InputError, match="is no name for a model"):
        check_plain(name, "model")

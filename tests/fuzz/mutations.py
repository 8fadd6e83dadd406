"""What a stranger may make of a good file or argument: its bytes changed, or its values."""

import copy
import json
import math
from typing import Any

from hypothesis import strategies as st

SCRIPT = "<script>alert(1)</script>"
"""Must never be markup."""

VALUES = [
    *[None, True, False, 0, -1, 1, 7, 10**19, 10**299, 10**310, 0.5, -0.0, 1e308, 1e-320],
    *[math.nan, math.inf, "", "x", " ", "0", "\x1b[2J", "\u202e", "\ud800", "\0", "..", "../x"],
    *["os.system", "facade_allennlp.lines", "gradient", "first_token", "[/b]", "{{7*7}}", SCRIPT],
    *["ä" * 300, [], {}, [[]], [None], [1, 2, 3], ["a", "b"], {"a": 1}, {"type": "os.system"}],
    *[{"type": None}, {"type": "lrp"}, {"_pretrained": {"archive_file": "f"}}, {"version": 9}],
]
TOKENS = [
    *[b"{", b"}", b"[", b"]", b'"', b":", b",", b"\\", b"\\ud800", b"\\u0000", b"\n", b"\r", b"\0"],
    *[b"null", b"true", b"NaN", b"-Infinity", b"1e999", b"9" * 400, b"-", b".", b"\xff", b"\xc3"],
    *["\u2028".encode(), b"\xef\xbb\xbf", b"[" * 3000, b"=", b"type", SCRIPT.encode(), b" " * 50],
]


@st.composite
def mutated_value(draw: st.DrawFn, good: Any) -> Any:
    """JSON in which a few values, anywhere, are others, missing, or there twice."""
    value = [copy.deepcopy(good)]
    for _ in range(draw(st.sampled_from([1, 1, 1, 2, 3]))):
        holder: Any = value
        while True:
            keys = list(holder) if isinstance(holder, dict) else list(range(len(holder)))
            key = draw(st.sampled_from(keys))
            inside = holder[key]
            if not (isinstance(inside, (dict, list)) and inside and draw(st.integers(0, 4))):
                break
            holder = inside
        change = draw(st.sampled_from(["nudge"] * 4 + ["replace", "drop", "add", "repeat"]))
        if change == "nudge":
            holder[key] = draw(st.sampled_from(_near(inside)))
        elif change == "drop" and len(holder) > 1:
            del holder[key]
        elif change == "add" and isinstance(holder, dict):
            name = str(draw(st.sampled_from(VALUES)))
            holder[name] = copy.deepcopy(draw(st.sampled_from(VALUES)))
        elif change == "repeat" and isinstance(holder, list) and holder is not value:
            holder.append(copy.deepcopy(inside))
        else:
            holder[key] = copy.deepcopy(draw(st.sampled_from(VALUES)))
    return value[0]


def _near(value: Any) -> list[Any]:
    """Values that may pass for this one."""
    if isinstance(value, bool) or value is None:
        return [True, False, None]
    if isinstance(value, (int, float)):
        return [value + 1, value - 1, -value, value * 2, 0, 1, 2, 0.5]
    if isinstance(value, str):
        return [value + "x", value[:-1], value.upper(), f"{value}\x1b[2J", SCRIPT, "good"]
    if isinstance(value, list):
        return [value[::-1], value[1:], value * 2, sorted(value, key=repr)]
    return [dict(reversed(value.items())), {f"{name}x": of for name, of in value.items()}]


def as_text(value: Any) -> str:
    """JSON as Python writes it, NaN and halves of characters included."""
    return json.dumps(value)


@st.composite
def mutated_bytes(draw: st.DrawFn, good: bytes) -> bytes:
    """Bytes of which a few are changed, taken out, there twice, or have others between them."""
    content = bytearray(good)
    for _ in range(draw(st.integers(1, 3))):
        start = draw(st.integers(0, max(0, len(content) - 1)))
        end = min(len(content), start + draw(st.sampled_from([1, 2, 8, 64, 512])))
        change = draw(st.sampled_from(["flip", "insert", "drop", "repeat", "replace"]))
        if change == "flip" and content:
            content[start] ^= 1 << draw(st.integers(0, 7))
        elif change == "drop":
            del content[start:end]
        elif change == "repeat":
            content[start:start] = content[start:end]
        else:
            token = draw(st.sampled_from(TOKENS))
            content[start : end if change == "replace" else start] = token
    return bytes(content)


@st.composite
def mutated_lines(draw: st.DrawFn, good: list[Any]) -> bytes:
    """A file of JSON Lines: one line with other values, or the whole with other bytes."""
    if not draw(st.integers(0, 3)):
        return draw(mutated_bytes("".join(as_text(one) + "\n" for one in good).encode()))
    place = draw(st.integers(0, len(good) - 1))
    lines = [*good[:place], draw(mutated_value(good[place])), *good[place + 1 :]]
    return "".join(as_text(one) + "\n" for one in lines).encode()


@st.composite
def mutated_json(draw: st.DrawFn, good: Any) -> bytes:
    """A file of JSON with other values, or other bytes."""
    if not draw(st.integers(0, 3)):
        return draw(mutated_bytes(as_text(good).encode()))
    return as_text(draw(mutated_value(good))).encode()


@st.composite
def mutated_argument(draw: st.DrawFn, good: list[tuple[str, Any]]) -> str:
    """An argument `NAME=JSON`, `JSON` or `NAME`, from names and configs."""
    name, config = draw(st.sampled_from(good))
    if draw(st.booleans()):
        text = as_text(draw(mutated_value(config)))
    else:
        text = draw(mutated_bytes(as_text(config).encode())).decode(errors="surrogateescape")
    named = draw(st.sampled_from([f"{name}="] * 6 + ["", "x=", "=", "{", "-"]))
    return named + text

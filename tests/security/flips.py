"""
Flips the bytes of a good archive one by one: each is refused, or nothing has changed.

`python -m tests.security.flips [--share 1]` tries all of them, or a part.
"""

import argparse
import tempfile
import time
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from allennlp.common.checks import ConfigurationError

from facade_allennlp.archives import load
from tests.security.good import Pieces, packed

REFUSED, UNCHANGED, CHANGED = "refused", "unchanged", "changed"


def content_of(archive: Path) -> tuple[Any, ...]:
    """All that a loaded archive says."""
    loaded = load(str(archive))
    weights = {name: value.tolist() for name, value in loaded.model.state_dict().items()}
    vocabulary = loaded.model.vocab._index_to_token
    return weights, loaded.config.as_dict(quiet=True), dict(vocabulary), loaded.meta


def try_flips(folder: Path, share: float = 1.0) -> Counter[tuple[str, int]]:
    """
    # Parameters

    folder : `Path`
        For the archive.
    share : `float`, optional (default = `1`, all bytes)

    # Returns

    `Counter[tuple[str, int]]` : how often what came out, and of the changed ones, where.
    """
    whole = packed(Pieces().whole())
    archive = folder / "flipped.tar.gz"
    archive.write_bytes(whole)
    expected = content_of(archive)
    outcomes: Counter[tuple[str, int]] = Counter()
    for place in places(len(whole), share):
        for bit in (1 << place % 8, 255):
            flipped = bytearray(whole)
            flipped[place] ^= bit
            archive.write_bytes(flipped)
            try:
                same = content_of(archive) == expected
            except ConfigurationError:
                outcomes[REFUSED, 0] += 1
                continue
            outcomes[(UNCHANGED, 0) if same else (CHANGED, place)] += 1
    return outcomes


def places(length: int, share: float) -> Iterable[int]:
    """The head, where most fields are, the end, and a part of what is between."""
    return [
        place
        for place in range(length)
        if place < 12 or place >= length - 8 or place * share % 1 + share >= 1
    ]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--share", type=float, default=1.0)
    start = time.monotonic()
    with tempfile.TemporaryDirectory() as folder:
        outcomes = try_flips(Path(folder), parser.parse_args().share)
    changed = sorted(place for outcome, place in outcomes if outcome == CHANGED)
    told = ", ".join(f"{outcomes[name, 0]} {name}" for name in (REFUSED, UNCHANGED))
    print(f"flips of an archive: {told}, {len(changed)} changed, {time.monotonic() - start:.0f} s")
    if changed:
        raise SystemExit(f"error: a flip at {changed[0]} changes what is loaded")


if __name__ == "__main__":
    main()

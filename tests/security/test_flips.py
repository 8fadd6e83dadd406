"""A byte of an archive that has changed is seen, or is none that counts."""

from pathlib import Path

from tests.security.flips import CHANGED, REFUSED, UNCHANGED, try_flips


def test_no_flipped_byte_changes_what_is_loaded(tmp_path: Path) -> None:
    outcomes = try_flips(tmp_path, share=0.03)
    assert outcomes[REFUSED, 0] > 60
    assert outcomes[UNCHANGED, 0] > 1  # the date and the system in the head of gzip
    assert not [place for outcome, place in outcomes if outcome == CHANGED]

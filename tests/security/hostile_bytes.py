"""What is wrong with the bytes of hostile archives: their weights, files, members, sizes."""

import io
import json
import os
import struct
import tarfile
import zipfile
from collections.abc import Callable
from typing import Any

import torch

from tests.security.good import Pieces, Spoil, compressed, packed, saved, tarred, weights
from tests.security.hostile_configs import MODULE

BIAS = "_classification_layer.bias"
TABLE = "_text_field_embedder.token_embedder_tokens.weight"


def spoilt(spoil: Spoil) -> Callable[[], bytes]:
    def content() -> bytes:
        pieces = Pieces()
        spoil(pieces)
        return packed(pieces.whole())

    return content


def weights_file(make: Callable[[], bytes]) -> Callable[[], bytes]:
    return spoilt(lambda pieces: pieces.files.update({"weights.th": make()}))


def changed_weights(change: Callable[[dict[str, Any]], Any]) -> Callable[[], bytes]:
    return weights_file(lambda: saved(change(weights())))


def files(**changes: bytes) -> Callable[[], bytes]:
    """`vocabulary__labels_txt=b"..."`: with other files, or more of them."""
    named = {
        name.replace("__", "/").replace("_txt", ".txt").replace("_json", ".json"): content
        for name, content in changes.items()
    }
    return spoilt(lambda pieces: pieces.files.update(named))


def member(name: str, **attributes: Any) -> Callable[[], bytes]:
    """With a member that is no ordinary file."""

    def content() -> bytes:
        one = tarfile.TarInfo(name)
        for attribute, value in attributes.items():
            setattr(one, attribute, value)
        return compressed(tarred(Pieces().whole(), one))

    return content


class Command:
    """Runs a command when it is unpickled."""

    def __reduce__(self) -> tuple[Any, ...]:
        return os.system, ("touch marked",)


def zipped_weights() -> bytes:
    """Eight megabytes of zeros that take a few kilobytes in the file."""
    whole = io.BytesIO(saved(weights()))
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(whole) as source,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as target,
    ):
        for name in source.namelist():
            target.writestr(name, source.read(name))
        target.writestr("archive/data/9", bytes(2**23))
    return stream.getvalue()


def expanded(tensors: dict[str, Any]) -> dict[str, Any]:
    """One number that says it is a table of 2^40."""
    return {**tensors, TABLE: torch.zeros(1, 1).expand(2**20, 2**20)}


def bomb() -> bytes:
    """As weights, 80 MiB of zeros in some 80 KiB."""
    pieces = Pieces()
    pieces.files["weights.th"] = bytes(80 * 2**20)
    return packed(pieces.whole())


def bomb_behind() -> bytes:
    """The same behind the end of the tar."""
    return compressed(tarred(Pieces().whole()) + bytes(80 * 2**20))


def long_header() -> bytes:
    """A header that says that a name of 16 MiB follows."""
    header = tarfile.TarInfo("././@LongLink")
    header.type, header.size = tarfile.GNUTYPE_LONGNAME, 16 * 2**20
    return compressed(header.tobuf() + bytes(16 * 2**20) + tarred(Pieces().whole()))


def negative_size() -> bytes:
    """A member that says it ends before it began, so that a reader goes round for ever."""
    header = bytearray(tarfile.TarInfo("weights.th").tobuf(tarfile.GNU_FORMAT))
    header[124:136] = b"\xff" * 10 + struct.pack(">h", -512)
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return compressed(bytes(header) + tarred(Pieces().whole()))


def many() -> bytes:
    return packed({**Pieces().whole(), **{f"more/{number}": b"" for number in range(1100)}})


def twice() -> bytes:
    other = {"config.json": json.dumps({"model": {"type": f"{MODULE}.M"}}).encode()}
    first, second = tarred(other), tarred(Pieces().whole())
    return compressed(first[: first.index(b"\0" * 1024, 1024)].ljust(1024, b"\0") + second)


def sparse() -> bytes:
    """A sparse file of a tebibyte, which takes a header alone."""
    header = bytearray(tarfile.TarInfo("weights.th").tobuf(tarfile.GNU_FORMAT))
    header[156:157] = b"S"
    header[386:398], header[398:410] = b"00000000000\0", b"00000000000\0"
    header[483:495] = b"\x80" + (2**40).to_bytes(11, "big")
    header[148:156] = b" " * 8
    header[148:156] = b"%06o\0 " % sum(header)
    return compressed(bytes(header) + tarred(Pieces().whole()))


def flipped(place: int) -> Callable[[], bytes]:
    """One byte is another; at the end is the checksum."""

    def content() -> bytes:
        whole = bytearray(packed(Pieces().whole()))
        whole[place] ^= 1
        return bytes(whole)

    return content

"""
The corpus of hostile archives, each with the reason why it is one.

`python -m tests.security.hostile FOLDER` writes them all.
"""

import argparse
import tarfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from tests.security.good import (
    Pieces,
    carried,
    packed,
    saved,
    tarred,
)
from tests.security.hostile_bytes import (
    BIAS,
    TABLE,
    Command,
    bomb,
    bomb_behind,
    changed_weights,
    expanded,
    files,
    flipped,
    long_header,
    many,
    member,
    negative_size,
    sparse,
    spoilt,
    twice,
    weights_file,
    zipped_weights,
)
from tests.security.hostile_configs import ARCHIVES, CODE, JSON, MODULE, SECRET, SIZES, put


@dataclass
class Hostile:
    """
    # Parameters

    reason : `str`
        Why it is hostile.
    content : `Callable[[], bytes]`
        The archive.
    refused : `bool`, optional (default = `True`)
        Whether it is refused; otherwise what is hostile in it is left alone, and it loads.
    """

    reason: str
    content: Callable[[], bytes]
    refused: bool = True


FILES: dict[str, Hostile] = {
    "name upwards": Hostile("writes beside the folder", member("../evil")),
    "name upwards inside": Hostile("the same", member("vocabulary/../../evil")),
    "absolute name": Hostile("writes anywhere", member("/tmp/evil")),
    "name of Windows": Hostile("writes anywhere there", member("..\\evil")),
    "link": Hostile(
        "its words are those of another file",
        member("vocabulary/more.txt", type=tarfile.SYMTYPE, linkname=f"../../{SECRET}"),
    ),
    "link inside": Hostile(
        "no archive has links", member("vocabulary/a.txt", type=tarfile.SYMTYPE, linkname="b")
    ),
    "hard link": Hostile(
        "the same for another kind", member("best.th", type=tarfile.LNKTYPE, linkname="/etc/passwd")
    ),
    "device": Hostile("reads a device", member("vocabulary/a.txt", type=tarfile.CHRTYPE)),
    "pipe": Hostile("waits for ever", member("vocabulary/a.txt", type=tarfile.FIFOTYPE)),
    "sparse": Hostile("a tebibyte of zeros", sparse),
    "twice": Hostile("one config is checked, the other built", twice),
    "many": Hostile("more files than an archive has", many),
    "bomb": Hostile("a thousand times its size", bomb),
    "bomb behind": Hostile("the same, where the checksum is looked for", bomb_behind),
    "long header": Hostile("a header is read into the memory", long_header),
    "negative size": Hostile("a reader goes round for ever", negative_size),
    "cut": Hostile("no checksum", lambda: packed(Pieces().whole())[:-9]),
    "checksum": Hostile("another checksum", flipped(-8)),
    "length": Hostile("another length", flipped(-1)),
    "content": Hostile("another content", flipped(700)),
    "behind": Hostile("something behind the end", lambda: packed(Pieces().whole()) + b"more"),
    "not compressed": Hostile("has no checksum at all", lambda: tarred(Pieces().whole())),
    "pickle": Hostile(
        "weights that run a command", changed_weights(lambda own: {**own, "more": Command()})
    ),
    "pickle alone": Hostile("the same", changed_weights(lambda own: Command())),
    "zipped weights": Hostile("weights that are compressed", weights_file(zipped_weights)),
    "expanded": Hostile("one number says it is many", changed_weights(expanded)),
    "half": Hostile("predicts at random", changed_weights(lambda own: dict(list(own.items())[:2]))),
    "more": Hostile(
        "weights of another model", changed_weights(lambda own: {**own, "more": torch.ones(1)})
    ),
    "other shape": Hostile(
        "weights of another model", changed_weights(lambda own: {**own, BIAS: torch.ones(3)})
    ),
    "other kind": Hostile(
        "whole numbers are cut, or not",
        changed_weights(lambda own: {**own, BIAS: torch.ones(2, dtype=torch.int64)}),
    ),
    "no number": Hostile(
        "answers nothing", changed_weights(lambda own: {**own, BIAS: torch.full((2,), torch.nan)})
    ),
    "infinite": Hostile(
        "the same", changed_weights(lambda own: {**own, BIAS: torch.full((2,), torch.inf)})
    ),
    "list of weights": Hostile("no names", changed_weights(lambda own: list(own.values()))),
    "text for a weight": Hostile("no tensor", changed_weights(lambda own: {**own, "note": "x"})),
    "sparse weight": Hostile(
        "a tensor of another kind",
        changed_weights(lambda own: {**own, TABLE: own[TABLE].to_sparse()}),
    ),
    "no weights": Hostile("nothing in the file", weights_file(lambda: b"")),
    "words in latin-1": Hostile("no UTF-8", files(vocabulary__labels_txt=b"sch\xf6n\nno")),
    "meta list": Hostile("no object", files(meta_json=b"[1]")),
    "meta number": Hostile("no version", files(meta_json=b'{"version": 3.7}')),
    "meta text": Hostile("no version", files(meta_json=b'{"version": "new"}')),
}
"""What is wrong with a file of them."""

HARMLESS: dict[str, Hostile] = {
    "code beside": Hostile(
        "a module and a plugin file are not unpacked",
        spoilt(
            lambda pieces: pieces.files.update(
                {f"{MODULE}.py": b"import os; os.mkdir('marked')", ".allennlp_plugins": b"evil"}
            )
        ),
        refused=False,
    ),
    "initializer": Hostile(
        "weights of a file are not looked at, as the archive has its own",
        spoilt(
            put(
                {"regexes": [[".*", {"type": "pretrained", "weights_file_path": "/etc/passwd"}]]},
                "model.initializer",
            )
        ),
        refused=False,
    ),
    "table of a file": Hostile(
        "the same for a table of words",
        spoilt(
            put(
                "http://127.0.0.1:9/glove",
                "model.text_field_embedder.token_embedders.tokens.pretrained_file",
            )
        ),
        refused=False,
    ),
    "words of a file": Hostile(
        "a vocabulary is not read from where a training took it",
        spoilt(put({"type": "from_files", "directory": "/etc"}, "vocabulary")),
        refused=False,
    ),
    "trainer": Hostile(
        "a trainer is not built",
        spoilt(put({"type": f"{MODULE}.T", "callbacks": [f"{MODULE}.C"]}, "trainer")),
        refused=False,
    ),
    "auto_map": Hostile("transformers is told to run no code", lambda: _with_auto_map(), False),
    "time in the header": Hostile("nothing but a date has changed", flipped(5), refused=False),
}
"""What is left alone."""


def _with_auto_map() -> bytes:
    from tests.security.hostile_configs import in_carried

    pieces = Pieces()
    in_carried("config.json", auto_map={"AutoConfig": f"{MODULE}.C", "AutoModel": f"{MODULE}.M"})(
        pieces
    )
    pieces.files[f"transformer/{MODULE}.py"] = b"import os; os.mkdir('marked')"
    pieces.files["weights.th"] = saved(_weights_of_carried())
    return packed(pieces.whole())


def _weights_of_carried() -> dict[str, Any]:
    """Random ones of the model that `carried` describes."""
    import tempfile

    from allennlp.common import Params
    from allennlp.data import Vocabulary
    from allennlp.models import Model

    pieces = Pieces()
    carried(pieces)
    with tempfile.TemporaryDirectory() as folder:
        for name, content in pieces.files.items():
            path = Path(folder, name)
            path.parent.mkdir(exist_ok=True)
            path.write_bytes(content)
        vocabulary = Vocabulary.from_files(str(Path(folder, "vocabulary")))
        config = Params(pieces.config["model"])
        model = Model.from_params(config, vocab=vocabulary, serialization_dir=folder)
        return model.state_dict()


def corpus() -> dict[str, Hostile]:
    """All of them by their names."""
    configs = {"code": CODE, "archives": ARCHIVES, "sizes": SIZES, "json": JSON}
    made = {
        f"{kind}: {name}": Hostile(reason, spoilt(spoil))
        for kind, entries in configs.items()
        for name, (spoil, reason) in entries.items()
    }
    return {
        **made,
        **{f"files: {name}": one for name, one in FILES.items()},
        **{f"harmless: {name}": one for name, one in HARMLESS.items()},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    folder = parser.parse_args().folder
    folder.mkdir(parents=True, exist_ok=True)
    for name, one in corpus().items():
        path = folder / f"{name.replace(': ', '-').replace(' ', '_')}.tar.gz"
        path.write_bytes(one.content())
        print(f"{path}: {one.reason}")


if __name__ == "__main__":
    main()

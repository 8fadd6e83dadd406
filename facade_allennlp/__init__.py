"""
Show, measure and detect when gradient explanations of NLP models lie: an AllenNLP plugin.

Importing it imports neither torch nor AllenNLP; its rooms are imported when they are asked for.
`facade_allennlp.plugin` registers everything with AllenNLP. Where AllenNLP is what imports this
package, as one of its plugins or for `--include-package`, that happens by itself.
"""

import importlib
import sys
from typing import Any

__version__ = "0.1.0"


def __getattr__(name: str) -> Any:
    """A room, such as `facade_allennlp.attribution`, or `transformers_view`."""
    if name == "transformers_view":
        return importlib.import_module(f"{__name__}.exchange.view").transformers_view
    room = f"{__name__}.{name}"
    try:
        return importlib.import_module(room)
    except ModuleNotFoundError as error:
        if error.name != room:
            raise
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}") from None


def _is_imported_by_allennlp() -> bool:
    frame = sys._getframe()
    while frame.f_back is not None:
        frame = frame.f_back
        if frame.f_globals.get("__name__") in ("allennlp.common.plugins", "allennlp.common.util"):
            return True
    return False


if _is_imported_by_allennlp():
    importlib.import_module(f"{__name__}.plugin")

"""What shows results imports neither torch nor AllenNLP, in any of its files."""

import subprocess
import sys

ROOMS = ["errors", "named", "scores", "results", "display", "report"]
SCRIPT = """
import sys
from importlib import import_module
from pkgutil import iter_modules
imported = 0
for room in sys.argv[1:]:
    package = import_module(f"facade_allennlp.{room}")
    for module in iter_modules(getattr(package, "__path__", [])):
        import_module(f"facade_allennlp.{room}.{module.name}")
        imported += 1
print(imported, *(name for name in ("torch", "allennlp", "transformers") if name in sys.modules))
"""


def test_no_file_of_these_rooms_imports_torch_or_allennlp() -> None:
    arguments = [sys.executable, "-c", SCRIPT, *ROOMS, "studies.word_tables", "studies.lexicon"]
    shown = subprocess.run(arguments, check=True, capture_output=True, text=True).stdout.split()
    assert int(shown[0]) > 25
    assert shown[1:] == []

"""AllenNLP with this package and other plugins, without what only some commands use."""

import importlib
from pathlib import Path

from facade_allennlp.lazy_imports import lazy_imports

PLUGIN_FILES = (Path(".allennlp_plugins"), Path.home() / ".allennlp" / "plugins")
"""AllenNLP's own: a module on each line."""
OWN = ("facade_allennlp", "facade_allennlp.plugin")


def load_allennlp() -> None:
    """
    Imports AllenNLP and registers all that a config or an archive may name. As AllenNLP's own
    `import_plugins`, except that heavy packages and the tasks of allennlp-models are imported when
    they are first used.
    """
    with lazy_imports():
        importlib.import_module("allennlp.interpret")
        importlib.import_module("allennlp.models")
        importlib.import_module("allennlp.predictors")
        importlib.import_module("allennlp.training")
        importlib.import_module("facade_allennlp.components")
        importlib.import_module("facade_allennlp.lazy_registry").install()
    import_other_plugins()


def other_plugins() -> list[str]:
    """What the plugin files name beside this package."""
    lines = [
        line.strip()
        for file in PLUGIN_FILES
        if file.is_file()
        for line in file.read_text(encoding="utf-8").splitlines()
    ]
    return [name for name in dict.fromkeys(lines) if name and name not in OWN]


def import_other_plugins() -> None:
    plugins = other_plugins()
    if not plugins:
        return
    from allennlp.common.util import push_python_path

    with push_python_path("."):
        for name in plugins:
            importlib.import_module(name)

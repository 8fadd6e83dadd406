"""What is imported when, and that nothing goes missing: in processes of their own."""

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from fixtures.prepared_process import REPOSITORY, PreparedProcess
from tests.report.results import record, write_results


def printed(code: str, cwd: Path = REPOSITORY) -> str:
    """By a program of its own."""
    run = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(code)],
        cwd=cwd,
        env={**os.environ, "PYTHONPATH": str(REPOSITORY)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    return run.stdout + run.stderr


COMMAND = """
    import sys
    from facade_allennlp.commands.entry import main
    sys.argv = ["facade", *{arguments!r}]
    try:
        main()
    except SystemExit as stop:
        assert not stop.code
    heavy = [name for name in ("torch", "allennlp", "transformers") if name in sys.modules]
    print("imported:", heavy)
    """


ROOMS = """
    from importlib import import_module
    from pkgutil import iter_modules
    imported = ["facade_allennlp.studies.word_tables", "facade_allennlp.studies.lexicon"]
    for room in ("errors", "named", "scores", "results", "display", "report"):
        package = import_module(f"facade_allennlp.{room}")
        files = iter_modules(getattr(package, "__path__", []))
        imported += [f"facade_allennlp.{room}.{file.name}" for file in files]
    for name in imported:
        import_module(name)
    print(len(imported))
    """


def test_the_package_and_its_commands_import_no_torch() -> None:
    code = """
        import sys
        import facade_allennlp
        import facade_allennlp.commands
        assert facade_allennlp.__version__
        print("torch" in sys.modules, "allennlp" in sys.modules)
        print(facade_allennlp.named.__name__)
        print(hasattr(facade_allennlp, "nothing"))
        """
    assert printed(code).split() == ["False", "False", "facade_allennlp.named", "False"]


def test_the_list_of_commands_needs_no_torch(tmp_path: Path) -> None:
    lines = printed(COMMAND.format(arguments=["--help"]), tmp_path).splitlines()
    assert "usage: facade" in lines[0]
    assert lines[-1] == "imported: []"


def test_views_of_results_need_no_torch(tmp_path: Path) -> None:
    """Neither in the commands that show them nor in any file of the rooms below."""
    records = [record(0, ["great", "film"], 3.0), record(1, ["dull"], 2.0)]
    write_results(tmp_path / "results", {"f": records})
    commands = [
        ["words", "results"],
        ["table", "results"],
        ["report", "results", "--output", "a.html"],
    ]
    code = [COMMAND.format(arguments=arguments) for arguments in commands]
    lines = printed("\n".join([ROOMS, *code]), tmp_path).splitlines()
    assert lines.count("imported: []") == len(commands)
    assert int(lines[0]) > 25


@pytest.mark.slow
def test_what_is_registered_lazily_and_listed_is_all_that_allennlp_registers(
    allennlp_process: PreparedProcess, tmp_path: Path
) -> None:
    """Name by name, what AllenNLP's own loading of plugins registers, and no other class."""
    code = """
        import importlib, json
        from facade_allennlp.quick_start import load_allennlp

        load_allennlp()
        from allennlp.common.registrable import Registrable
        from facade_allennlp import lazy_registry

        lazily = {base: set(base.list_available()) for base in Registrable._registry}
        for key, names in lazy_registry.TABLE.items():
            module, _, base = key.partition(":")
            base = getattr(importlib.import_module(module), base)
            for name, place in names.items():
                assert base.by_name(name), (key, name)
                assert base.resolve_class_name(name)[0].__module__ == place, (key, name)

        from allennlp.common.plugins import import_plugins

        import_plugins()
        for base, names in lazily.items():
            if base.__module__ != "allennlp.commands.subcommand":
                assert set(base.list_available()) == names, base
        missing = {
            f"{base.__module__}:{base.__qualname__}" for base in Registrable._registry
            if base not in lazily
        }
        print(json.dumps(sorted(missing)))

        import argparse
        from allennlp.commands.subcommand import Subcommand
        from facade_allennlp.commands import COMMANDS
        from facade_allennlp.commands.allennlps import ALLENNLPS

        listed = argparse.ArgumentParser().add_subparsers()
        for name in set(Subcommand.list_available()) - set(COMMANDS):
            Subcommand.by_name(name)().add_subparser(listed)
        helps = {action.dest: action.help.splitlines()[0] for action in listed._choices_actions}
        assert helps == ALLENNLPS, helps
        """
    allennlp_process.printed(code, tmp_path)


def test_a_plugin_file_that_names_the_package_registers_everything(
    allennlp_process: PreparedProcess, tmp_path: Path
) -> None:
    (tmp_path / ".allennlp_plugins").write_text("facade_allennlp\n")
    code = """
        import sys
        from allennlp.common import plugins
        # It is AllenNLP that imports the package.
        for name in [name for name in sys.modules if name.split(".")[0] == "facade_allennlp"]:
            del sys.modules[name]
        plugins.import_module_and_submodules = lambda *_, **__: None  # AllenNLP's own plugins
        plugins.import_plugins()
        from allennlp.commands.subcommand import Subcommand
        from allennlp.models import Model
        print({"facade", "merged"} < set(Model.list_available()))
        print("measure" in Subcommand.list_available())
        """
    assert allennlp_process.printed(code, tmp_path).split() == ["True", "True"]


@pytest.mark.slow
def test_the_package_as_an_included_one_registers_everything(
    allennlp_process: PreparedProcess, tmp_path: Path
) -> None:
    code = """
        from facade_allennlp.lazy_imports import lazy_imports
        with lazy_imports():  # only to save time
            from allennlp.common.util import import_module_and_submodules
            import_module_and_submodules("facade_allennlp")
        from allennlp.commands.subcommand import Subcommand
        from allennlp.models import Model
        print({"facade", "merged"} < set(Model.list_available()))
        print("measure" in Subcommand.list_available())
        """
    assert allennlp_process.printed(code, tmp_path).split() == ["True", "True"]


def test_nothing_is_printed_nor_asked_of_the_network_at_import(tmp_path: Path) -> None:
    code = """
        import os, sys
        os.environ.pop("HF_HUB_OFFLINE", None)

        def refuse(event, arguments):
            if event in ("socket.connect", "socket.getaddrinfo"):
                raise AssertionError((event, arguments))

        sys.addaudithook(refuse)
        from facade_allennlp.commands import entry
        entry._load()
        from allennlp.data import DatasetReader
        from allennlp.models import Model
        from allennlp.predictors import Predictor
        Model.by_name("transformer_qa"), DatasetReader.by_name("transformer_squad")
        DatasetReader.by_name("snli"), Predictor.by_name("textual_entailment")
        """
    assert printed(code, tmp_path) == ""

"""What commands print of libraries: nothing, unless `--verbose` asks for it."""

import json
import logging
import re
from pathlib import Path

import pytest

from facade_allennlp.commands.user_errors import quiet
from fixtures import classifier_config, training_config
from fixtures.archives import facade_config
from fixtures.prepared_process import PreparedProcess
from fixtures.transformers_models import LENGTH, word_pieces
from tests.commands.conftest import Command

BAR = re.compile(r"(loading instances|accuracy: \d.*\|\|)?:? *\d+(%\|.*\||it) ?\S* ?\[.*\]")


def lines_of_training(process: PreparedProcess, folder: Path, *options: str) -> list[str]:
    """Those that are no progress bar, printed by a training in a process of its own."""
    config = training_config(facade_config(classifier_config(8, 2)))
    (folder / "config.json").write_text(json.dumps(config))
    arguments = ["train", str(folder / "config.json"), "-s", str(folder / "run"), *options]
    code = f"""
        import sys
        from facade_allennlp.commands.entry import main
        sys.argv = {["facade", *arguments]!r}
        main()
        """
    lines = [line.strip() for line in re.split(r"[\n\r]", process.printed(code, folder))]
    bars = [line for line in lines if BAR.fullmatch(line)]
    assert any(line.startswith("accuracy") for line in bars)
    return [line for line in lines if line and line not in bars]


@pytest.mark.slow
def test_training_prints_its_progress_alone(
    allennlp_process: PreparedProcess, tmp_path: Path
) -> None:
    assert lines_of_training(allennlp_process, tmp_path) == []


@pytest.mark.slow
def test_verbose_training_prints_what_allennlp_logs(
    allennlp_process: PreparedProcess, tmp_path: Path
) -> None:
    lines = lines_of_training(allennlp_process, tmp_path, "--verbose")
    assert any("patience was set to None" in line for line in lines)
    assert any("building vocab" in line for line in lines)
    assert any("- INFO -" in line for line in lines)


@pytest.mark.parametrize(
    ("arguments", "level"),
    [
        (["words", "none"], logging.WARNING),
        (["words", "none", "--verbose"], logging.INFO),
        (["--verbose", "words", "none"], logging.INFO),
        (["--verbose", "words", "none", "--verbose"], logging.INFO),
    ],
)
def test_libraries_log_where_verbose_stands_before_or_after_the_name(
    facade: Command, arguments: list[str], level: int
) -> None:
    loggers = [logging.getLogger(name) for name in ("allennlp", "cached_path", "transformers")]
    for logger in loggers:
        logger.setLevel(logging.INFO)
    assert "none" in facade(*arguments).error()
    assert [logger.level for logger in loggers] == [level] * len(loggers)


def test_verbose_before_the_name_leaves_the_help_of_a_command(facade: Command) -> None:
    assert "--lexicon FILE" in facade("--verbose", "words", "--help").out
    assert "usage: facade" in facade("--verbose").out


def test_a_text_that_is_counted_as_cut_is_not_warned_of(caplog: pytest.LogCaptureFixture) -> None:
    quiet()
    tokenizer = word_pieces()
    assert len(tokenizer("film " * LENGTH)["input_ids"]) > LENGTH
    assert not caplog.records

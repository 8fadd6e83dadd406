import argparse
from collections.abc import Callable

import pytest

from facade_allennlp.commands.command import Command
from facade_allennlp.errors import InputError


def run(run_it: Callable[[argparse.Namespace], None]) -> None:
    parser = argparse.ArgumentParser()
    command = Command(
        "greet",
        help="Greet.",
        description="Greet somebody.",
        add_arguments=lambda parser: None,
        run=run_it,
        when_interrupted="not greeted",
    )
    command.add_parser(parser.add_subparsers())
    args = parser.parse_args(["greet"])
    args.func(args)


def fails(error: BaseException) -> Callable[[argparse.Namespace], None]:
    def fail(args: argparse.Namespace) -> None:
        raise error

    return fail


@pytest.mark.parametrize(
    ("error", "status", "message"),
    [
        (InputError("no such\nname"), 2, "error: no such name\n"),
        (OSError("no place"), 2, "error: no place\n"),
        (KeyboardInterrupt(), 130, "not greeted\n"),
    ],
)
def test_what_is_not_a_programs_fault_is_one_sentence(
    error: BaseException, status: int, message: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stop:
        run(fails(error))
    assert stop.value.code == status
    assert capsys.readouterr().err == message


def test_what_is_a_programs_fault_is_raised() -> None:
    with pytest.raises(ZeroDivisionError):
        run(fails(ZeroDivisionError()))

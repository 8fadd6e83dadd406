from tests.commands.conftest import _as_it_was, command

__all__ = ["_as_it_was", "command"]

"""
`facade`: `allennlp` with this plugin loaded, wherever it is run, and with messages for people.
"""

import tarfile

from facade_allennlp.commands.user_errors import one_sentence


@one_sentence
def main() -> None:
    # AllenNLP's own commands extract archives too.
    tarfile.TarFile.extraction_filter = staticmethod(tarfile.data_filter)  # type: ignore[assignment]

    import allennlp.__main__  # noqa: F401  (sets up logging)
    from allennlp import commands
    from allennlp.common.util import install_sigterm_handler

    import facade_allennlp  # noqa: F401  (registers everything)

    install_sigterm_handler()
    commands.main(prog="facade")


if __name__ == "__main__":
    main()

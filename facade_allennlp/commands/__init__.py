"""The commands of `facade`, which are also subcommands of `allennlp`."""

from facade_allennlp.commands import (
    attribute,
    audit,
    construct_facade,
    demo,
    import_transformers,
    measure,
    merge,
    prune,
    report,
    reproduce,
    serve,
    table,
    triggers,
    words,
)
from facade_allennlp.commands.command import Command

COMMANDS: dict[str, Command] = {
    module.COMMAND.name: module.COMMAND
    for module in (
        attribute,
        audit,
        construct_facade,
        demo,
        import_transformers,
        measure,
        merge,
        prune,
        report,
        reproduce,
        serve,
        table,
        triggers,
        words,
    )
}

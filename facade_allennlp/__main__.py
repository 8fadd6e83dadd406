"""`facade`: the commands of this package and AllenNLP's own, wherever it is run."""

from facade_allennlp.commands.entry import main

if __name__ == "__main__":
    main()

"""AllenNLP's own commands, as `facade` lists them before AllenNLP is imported."""

ALLENNLPS = {
    "build-vocab": "Build a vocabulary from an experiment config file.",
    "cached-path": "Cache remote files to the AllenNLP cache.",
    "checklist": "Run a trained model through a checklist suite.",
    "count-instances": "Count the number of training instances in an experiment config file.",
    "diff": "Display a diff between two model checkpoints.",
    "evaluate": "Evaluate the specified model + dataset(s).",
    "find-lr": "Find a learning rate range.",
    "predict": "Use a trained model to make predictions.",
    "print-results": "Print results from allennlp serialization directories to the console.",
    "push-to-hf": "Push a model to the Hugging Face Hub.",
    "test-install": "Test AllenNLP installation.",
    "train": "Train a model.",
}

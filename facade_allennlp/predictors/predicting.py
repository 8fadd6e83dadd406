"""AllenNLP's `predict` and `evaluate`, with inputs and data that are read as everywhere else."""

import argparse
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any

from allennlp.commands import predict
from allennlp.common.checks import ConfigurationError
from allennlp.common.file_utils import cached_path, open_compressed
from allennlp.common.util import JsonDict
from allennlp.data import DatasetReader, Instance
from allennlp.predictors import Predictor

from facade_allennlp.errors import brief, is_users, placed
from facade_allennlp.lines import json_object, lines_of
from facade_allennlp.predictors.explaining import ExplainingPredictor
from facade_allennlp.predictors.input_reader import InputReader
from facade_allennlp.registered import registered
from facade_allennlp.sources.corpus import streamed

STANDARD_INPUT = "-"
UNREADABLE = (ConfigurationError, IndexError, RuntimeError, TypeError, ValueError)
"""What models and torch raise at an input that they cannot read."""
OUT_OF_VOCABULARY = "not found in vocab namespace"
"""AllenNLP's words for a label that a vocabulary lacks."""


@contextmanager
def read_with_care(args: argparse.Namespace) -> Iterator[None]:
    """
    While AllenNLP's `predict` or `evaluate` runs: what its arguments name is looked up and not
    imported, and what is wrong with an input or with data is a sentence with its line.

    # Parameters

    args : `argparse.Namespace`
        Those of the command.

    # Raises

    `ConfigurationError` : there is no such predictor; an input or the data cannot be read.
    `InputError` : a predictor's settings, or an input, are no JSON object.
    """
    if getattr(args, "predictor", None):
        registered(Predictor, args.predictor)
    if getattr(args, "predictor_args", "").strip():
        json_object(args.predictor_args)
    manager, read = predict._PredictManager, DatasetReader.read
    predict._PredictManager = PredictManager
    DatasetReader.read = _with_care(read)  # type: ignore[method-assign]
    try:
        yield
    except KeyError as error:
        if OUT_OF_VOCABULARY not in str(error):
            raise
        raise ConfigurationError(
            f"{args.input_file} does not fit the archive's vocabulary: {error.args[0]}"
        ) from None
    finally:
        predict._PredictManager = manager
        DatasetReader.read = read  # type: ignore[method-assign]


def _with_care(read: Any) -> Any:
    """AllenNLP's `DatasetReader.read`, with care where it reads one file."""

    def reading(reader: DatasetReader, data: Any) -> Iterator[Instance]:
        if not isinstance(data, (str, PathLike)):
            return iter(read(reader, data))
        return iter([*streamed(partial(read, reader), type(reader).__name__, str(data))])

    return reading


class PredictManager(predict._PredictManager):
    """AllenNLP's, with inputs that are checked before a model sees them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        predictor = self._predictor
        explaining = isinstance(predictor, ExplainingPredictor)
        self._inputs = predictor.inputs if explaining else InputReader(predictor)
        self._places: list[str] = []
        """Of the inputs that were read so far."""

    def _get_json_data(self) -> Iterator[JsonDict]:
        name = "standard input" if self._input_file == STANDARD_INPUT else self._input_file
        for number, line in self._lines():
            place = f"{name}: line {number}"
            with placed(place):
                request = self._loaded(line)
                self._inputs.check(request)
            self._places.append(place)
            yield request
        if not self._places:
            raise ConfigurationError(f"{name}: there are no inputs")

    def _lines(self) -> Iterator[tuple[int, str]]:
        if self._input_file == STANDARD_INPUT:
            # One by one, as they come.
            for number, content in enumerate(sys.stdin.buffer, start=1):
                yield from lines_of(content, Path("standard input"), number)
            return
        path = cached_path(self._input_file)
        with open_compressed(path, "rb", encoding=None) as file:
            yield from lines_of(file.read(), Path(self._input_file))

    def _loaded(self, line: str) -> JsonDict:
        """What a predictor that reads lines of its own makes of one, or else JSON."""
        if type(self._predictor).load_line is not Predictor.load_line:
            return self._predictor.load_line(line)
        return json_object(line)

    def _predict_json(self, batch_data: Sequence[JsonDict]) -> Iterator[str]:
        """A batch; where that fails, each input alone, to say which one it is."""
        try:
            return iter(list(super()._predict_json(batch_data)))
        except UNREADABLE as error:
            if len(batch_data) == 1:
                raise self._refused(error, self._places[-1]) from error
        answers: list[str] = []
        for place, request in zip(self._places[-len(batch_data) :], batch_data):
            try:
                answers += super()._predict_json([request])
            except UNREADABLE as error:
                raise self._refused(error, place) from error
        return iter(answers)

    def _refused(self, error: Exception, place: str) -> ConfigurationError:
        if is_users(error):
            return ConfigurationError(f"{place}: {brief(error)}")
        told = f"{type(error).__name__}: {brief(error)}"
        return ConfigurationError(f"{place}: the model cannot read this input ({told})")

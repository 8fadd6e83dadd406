from collections.abc import Sequence
from typing import Any, Optional

import networkx
import torch
from allennlp.common.checks import ConfigurationError
from allennlp.common.util import JsonDict
from allennlp.data import DatasetReader, Instance
from allennlp.models import Model
from allennlp.predictors import Predictor

from facade_allennlp.attribution import AttentionAttribution, explained_model
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.named_methods import Methods, named_methods
from facade_allennlp.errors import placed
from facade_allennlp.explanations import Explanation, explain
from facade_allennlp.explanations.attribution_tree import attribution_trees
from facade_allennlp.lines import BOM, json_object
from facade_allennlp.number import number
from facade_allennlp.predictors.input_reader import InputReader
from facade_allennlp.predictors.models_own import ModelsOwnPredictor
from facade_allennlp.registered import registered
from facade_allennlp.texts.typed_words import keep_source_texts

PREDICTED, GOLD = "predicted", "gold"


@Predictor.register("explaining")
class ExplainingPredictor(Predictor):
    """
    Any predictor, with explanations beside its predictions: `allennlp predict ARCHIVE FILE
    --predictor explaining --predictor-args '{"methods": ["gradient", "lrp"]}'`.

    # Parameters

    model : `Model`
    dataset_reader : `DatasetReader`
    predictor : `str`, optional (default = the model's own)
        The name of the predictor that reads inputs and predicts.
    methods : `Sequence[str | dict] | Mapping[str, str | dict]`, optional (default = `["gradient"]`)
        Registered names, or configs with a `type`; a mapping gives them other names.
    explained_class : `str`, optional (default = `"predicted"`)
        `predicted`; `gold`, the `label` of an input; or the name or number of a class.
    top : `int`, optional (default = `5`)
        How many of the tokens with the highest attribution are named.
    options : `Any`
        Of the model, such as `max_batch_tokens`; see `explained_model`.

    # Raises

    `ConfigurationError` : an unknown predictor or method, no method, or fewer than no top tokens.
    `InputError` : two methods of one name.
    """

    def __init__(
        self,
        model: Model,
        dataset_reader: DatasetReader,
        predictor: Optional[str] = None,
        methods: Methods = ("gradient",),
        explained_class: str = PREDICTED,
        top: int = 5,
        **options: Any,
    ) -> None:
        super().__init__(model, dataset_reader)
        keep_source_texts(dataset_reader)
        make: Any = registered(Predictor, predictor) if predictor else ModelsOwnPredictor.for_model
        self.predictor: Predictor = make(model, dataset_reader)
        self.inputs = InputReader(self.predictor)
        self.methods = named_methods(methods)
        if not self.methods:
            raise ConfigurationError("explaining needs at least one method, the list is empty")
        self.explained_class = str(explained_class)
        self.top = number("top", top, least=0, whole=True)
        self.explained = explained_model(model, dataset_reader, **options)

    def predict_json(self, inputs: JsonDict) -> JsonDict:
        """
        # Returns

        What the predictor gives, with `explanation`: see `Explanation.to_json`.

        # Raises

        `ConfigurationError` : an input lacks a text; there is no such class; `gold` is asked for,
            and an input has no label.
        """
        return self.predict_batch_json([inputs])[0]

    def predict_batch_json(self, inputs: list[JsonDict]) -> list[JsonDict]:
        with self.explained.lock.sharing():
            explanations = self.explain(inputs)
            self.explained.lock.give_way()
            with self.explained.lock:
                predictions = self.predictor.predict_batch_json(inputs)
        return [
            {**prediction, "explanation": explanation.to_json(self.top)}
            for prediction, explanation in zip(predictions, explanations)
        ]

    def explain(self, inputs: Sequence[JsonDict]) -> list[Explanation]:
        """One explanation for each input."""
        with self.explained.lock.sharing():
            instances = self.instances(inputs)
            wanted = [self._wanted(entry) for entry in inputs]
            return explain(self.explained, instances, self.methods, wanted)

    def trees(
        self, inputs: Sequence[JsonDict], method: AttentionAttribution
    ) -> list[networkx.DiGraph]:
        """One attribution tree for each input."""
        with self.explained.lock.sharing():
            instances = self.instances(inputs)
            wanted = [self._wanted(entry) for entry in inputs]
            return attribution_trees(self.explained, instances, method, wanted)

    def instances(self, inputs: Sequence[JsonDict]) -> list[Instance]:
        """Indexed, and with the texts that they were made from."""
        with self.explained.lock.sharing():  # tokenizers, too, are for one thread at a time
            self.check(inputs)
            return [self._instance(entry) for entry in inputs]

    def _instance(self, entry: JsonDict) -> Instance:
        """Of a long passage, which is read in several windows, the one that has the answer."""
        windows = self.inputs.instances(entry)
        if not windows:
            raise ConfigurationError(
                f"{type(self.predictor).__name__} makes no instances, so that nothing can be "
                "explained: choose another predictor"
            )
        for window in windows:
            self._dataset_reader.apply_token_indexers(window)
            window.index_fields(self._model.vocab)
        if len(windows) == 1:
            return windows[0]
        scores: dict[int, float] = {}
        bare = [self.explained.unlabelled(window) for window in windows]
        for indices, inputs in in_batches(self.explained, bare):
            with torch.no_grad():
                forward = self.explained.run(inputs)
            scores.update(zip(indices, forward.task.confidence(forward).tolist()))
        return windows[max(scores, key=lambda index: scores[index])]

    def check(self, inputs: Sequence[JsonDict], places: Optional[Sequence[str]] = None) -> None:
        """
        # Parameters

        places : `Sequence[str]`, optional (default = `input 1`, `input 2`, ... of several)
            What a message calls each input.

        # Raises

        `ConfigurationError` : an input lacks a text that the predictor reads, or the tokenizer
            leaves nothing of one.
        """
        if places is None:
            numbers = range(1, len(inputs) + 1)
            places = [f"input {number}" if len(inputs) > 1 else "" for number in numbers]
        for place, entry in zip(places, inputs, strict=True):
            with placed(place):
                self.inputs.check(entry)

    def _wanted(self, inputs: JsonDict) -> Optional[str]:
        if self.explained_class == PREDICTED:
            return None
        if self.explained_class != GOLD:
            return self.explained_class
        if "label" not in inputs:
            raise ConfigurationError(
                f"the gold class is to be explained, but there is no label in {inputs}"
            )
        return str(inputs["label"])

    def _json_to_instance(self, json_dict: JsonDict) -> Instance:
        return self.predictor._json_to_instance(json_dict)

    def load_line(self, line: str) -> JsonDict:
        """
        # Raises

        `InputError` : the line is no JSON object; a predictor's own lines are its own matter.
        """
        if type(self.predictor).load_line is not Predictor.load_line:
            return self.predictor.load_line(line)
        return json_object(line.removeprefix(BOM))

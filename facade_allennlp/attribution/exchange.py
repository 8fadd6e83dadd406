from typing import Optional

import torch
from allennlp.data import DatasetReader

from facade_allennlp.attribution.attribution import Attribution, FieldTokens
from facade_allennlp.attribution.attribution_method import AttributionMethod
from facade_allennlp.attribution.exchanges import draw, mean_effects
from facade_allennlp.attribution.explained_model import ExplainedModel
from facade_allennlp.attribution.inputs import Classes, Inputs
from facade_allennlp.attribution.word_frequencies import WordFrequencies
from facade_allennlp.number import number
from facade_allennlp.targets import EveryToken

MOST_DRAWS = 1000


@AttributionMethod.register("exchange")
class Exchange(AttributionMethod):
    """
    The mean effect of putting other real words in a token's place: how far the margin of the
    explained class falls. Every text that the model is run on is made of words of the vocabulary,
    so no facade that is silent on text can move these scores. Special tokens have none.

    # Parameters

    corpus : `str`
        A file or address, as `measure --data`: the words are drawn with the frequencies that they
        have in it.
    draws : `int`, optional (default = `8`)
        How many words take the place of each token, one after another.
    seed : `int`, optional (default = `0`)
        Of the draws, which follow from it and the text alone: all models see the same.
    reader : `DatasetReader`, optional (default = that of the model's archive)
        What reads the corpus.

    # Raises

    `ConfigurationError` : a number is out of its range; when it is first used: no reader is known,
        or the corpus has no word.
    """

    title = "Exchange"
    towards = 1

    def __init__(
        self,
        corpus: str,
        draws: int = 8,
        seed: int = 0,
        reader: Optional[DatasetReader] = None,
    ) -> None:
        self.draws = number("draws", draws, least=1, most=MOST_DRAWS, whole=True)
        self.seed = number("seed", seed, least=0, most=2**32 - 1, whole=True)
        self._words = WordFrequencies(corpus, reader, "the method 'exchange'")

    def rows_per_input(self, tokens: int) -> int:
        return 1 + tokens * self.draws

    def explain(
        self, model: ExplainedModel, inputs: Inputs, classes: Classes, rows: int
    ) -> Attribution:
        self._words.count(model)
        with torch.no_grad():
            forward = model.run(inputs)
        choice = forward.predictions() if classes is None else classes
        raw = []
        for place, field in enumerate(forward.fields):
            ordinary = FieldTokens.of(field).marked(model.reader, EveryToken().positions)
            words = self._words.of(model, field.namespace)
            made = draw(field, place, ordinary, words, self.draws, self.seed)
            scores = mean_effects(model, inputs, forward, choice, made)
            raw.append(scores.to(field.embeddings.dtype))
        return Attribution.of_pass(forward, raw, choice)

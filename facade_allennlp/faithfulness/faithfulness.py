from collections.abc import Mapping, Sequence
from math import ceil
from typing import Any, Optional

import numpy
from allennlp.common import FromParams
from allennlp.common.checks import ConfigurationError
from allennlp.data import Instance

from facade_allennlp.attribution import Attribution, ExplainedModel
from facade_allennlp.faithfulness.erasure import Erased, Erasure, erasures, run
from facade_allennlp.number import number, seed_of
from facade_allennlp.scores.ranking import highest_first, rank_correlations
from facade_allennlp.tasks.choices import rows_of

RANDOM = "random"
"""The name of an order of the tokens that is drawn at random, for comparison."""


class Faithfulness(FromParams):
    """
    Takes out, or leaves alone, the tokens with the highest attribution (eq. 1) and looks at the
    class that the whole text is predicted as. What an input's numbers are called:

    - comprehensiveness (DeYoung et al. 2020, ERASER): by how much the class's probability falls
      when the first k tokens are taken out; high when they were needed.
    - sufficiency (the same): by how much it falls when nothing but them is left; low when they are
      enough. Both are means over several k (the area over the perturbation curve, AOPC).
    - leave-one-out correlation (Jain & Wallace 2019): Spearman's rank correlation between the
      attribution of the tokens and how far the class's probability moves without each.

    A token is taken out of the text, not masked; special tokens and the last token of a text stay.
    The same numbers are given for an order of the tokens that is drawn at random.

    # Parameters

    shares : `Sequence[float]`, optional (default = `(0.05, 0.1, 0.2, 0.5)`)
        Of the tokens that can be taken out: k is the share of them, rounded up.
    seed : `int`, optional (default = `0`)
        Of the random order.

    # Raises

    `ConfigurationError` : no share, or one that is not between 0 and 1; a negative seed.
    """

    def __init__(self, shares: Sequence[float] = (0.05, 0.1, 0.2, 0.5), seed: int = 0) -> None:
        if not shares:
            raise ConfigurationError("faithfulness needs shares of the tokens, the list is empty")
        self.shares = sorted(
            number("a share of faithfulness", share, above=0, below=1) for share in shares
        )
        self.seed = seed_of("faithfulness", seed)

    def measure(
        self,
        explained: ExplainedModel,
        instances: Sequence[Instance],
        indices: Sequence[int],
        attributions: Mapping[str, Attribution],
    ) -> list[Optional[dict[str, Any]]]:
        """
        Takes tokens out of instances, by the order of each method and by a random one.

        # Parameters

        instances : `Sequence[Instance]`
            Indexed with the model's vocabulary.
        indices : `Sequence[int]`
            A number for each, on which its random order depends.
        attributions : `Mapping[str, Attribution]`
            Of these instances, for the model's predictions; by the names of the methods.

        # Returns

        For each instance `whole`, the probability of the class, and under `methods` for each method
        and for the random order: for each share its probability `without` and with `only` the first
        tokens, and as what the text is `predicted` without them; and `left_out`, the
        leave-one-out correlation. `None` in the place of an instance with fewer than two tokens to
        take out.

        # Raises

        `ConfigurationError` : the model answers with a place in the text, which moves when tokens
            are taken out, or embeds other pieces than the tokens of its text fields.
        """
        first = next(iter(attributions.values()))
        if explained.task.chooses_tokens:
            raise ConfigurationError(
                "faithfulness is measured on models whose answers stay what they are when tokens "
                f"are taken out, but {type(explained.model).__name__} answers with a "
                f"{explained.task.name} of the text, {list(first.outputs)}"
            )
        texts = erasures(explained, instances, first.fields)
        predicted = rows_of(first.classes)
        shares = {name: scores.normalized.tolist() for name, scores in attributions.items()}
        plans: list[Optional[_Plan]] = []
        for row, (text, index) in enumerate(zip(texts, indices)):
            if len(text.columns) < 2:
                plans.append(None)
                continue
            scores = {
                name: [batch[row][column] for column in text.columns]
                for name, batch in shares.items()
            }
            generator = numpy.random.default_rng([self.seed, index])
            scores[RANDOM] = generator.random(len(text.columns)).tolist()
            plans.append(_Plan(text, predicted[row], scores, self.shares))
        used = [plan for plan in plans if plan is not None]
        run(explained, [(plan.text, plan.predicted, plan.wanted()) for plan in used])
        return [None if plan is None else plan.result() for plan in plans]


class _Plan:
    """What is tried on one text. `scores` are those of `text.columns`, in order."""

    def __init__(
        self,
        text: Erasure,
        predicted: Sequence[Any],
        scores: Mapping[str, Sequence[float]],
        shares: Sequence[float],
    ) -> None:
        self.text = text
        self.predicted = predicted
        self.scores = scores
        self.single = [text.first([column], 1) for column in text.columns]
        columns = list(text.columns)
        self.without: dict[str, list[Erased]] = {}
        self.only: dict[str, list[Erased]] = {}
        for name, token_scores in scores.items():
            order = [columns[place] for place in highest_first(token_scores)]
            most = [min(ceil(share * len(order)), len(order) - 1) for share in shares]
            self.without[name] = [text.first(order, k) for k in most]
            self.only[name] = [text.first(order[::-1], len(order) - k) for k in most]

    def wanted(self) -> list[Erased]:
        steps = [*self.without.values(), *self.only.values()]
        return [frozenset(), *self.single, *(erased for step in steps for erased in step)]

    def result(self) -> dict[str, Any]:
        whole = self._probability(frozenset())
        moved = [abs(whole - self._probability(erased)) for erased in self.single]
        left_out = rank_correlations([moved, *self.scores.values()])[0][1:]
        methods = {
            name: {
                "without": [self._probability(erased) for erased in self.without[name]],
                "only": [self._probability(erased) for erased in self.only[name]],
                "predicted": [self.text.trials[erased].predicted for erased in self.without[name]],
                "left_out": correlation,
            }
            for name, correlation in zip(self.scores, left_out)
        }
        return {"whole": whole, "methods": methods}

    def _probability(self, erased: Erased) -> float:
        return self.text.trials[erased].probability

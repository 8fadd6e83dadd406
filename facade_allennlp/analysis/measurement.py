"""What is measured of each input, and what becomes of it: a pure function and an aggregation."""

from collections.abc import Mapping, Sequence
from time import perf_counter
from typing import Optional

import torch
from allennlp.common import FromParams
from allennlp.common.checks import ConfigurationError
from allennlp.data import Batch, Instance
from allennlp.nn.util import move_to_device

from facade_allennlp.analysis.analysis import Analysis, MeasuredBatch, rounded
from facade_allennlp.analysis.attacked import Attacked
from facade_allennlp.analysis.erasing import Erasing
from facade_allennlp.analysis.likeness import LikenessOfExplanations
from facade_allennlp.analysis.saliency import Saliency
from facade_allennlp.analysis.tally import Tally, kept, put
from facade_allennlp.analysis.timing import Timing
from facade_allennlp.attacks import Attack
from facade_allennlp.attribution import (
    AttributionMethod,
    ExplainedModel,
    FieldTokens,
    target_mask,
)
from facade_allennlp.attribution.attempt import attempt, sentence
from facade_allennlp.faithfulness import Faithfulness
from facade_allennlp.registered import made
from facade_allennlp.results.checked import to_json
from facade_allennlp.results.record import Record, Window
from facade_allennlp.results.settings import MODEL_OPTIONS, Settings
from facade_allennlp.results.summary import MethodLabel, ModelSummary
from facade_allennlp.results.table import Table
from facade_allennlp.targets import TokenTarget
from facade_allennlp.tasks import Decision
from facade_allennlp.texts.typed_words import source_text


class Measurement(FromParams):
    """
    What is measured of each input. The parameters are those of `Settings`.

    # Parameters

    targets : `dict[str, TokenTarget]`
    methods : `dict[str, AttributionMethod]`
    attacks : `dict[str, Attack]`, optional
    faithfulness : `Faithfulness`, optional
        Of the methods.
    analyses : `dict[str, Analysis]`, optional
        Further ones.
    time : `bool`, optional (default = `False`)
        Whether it is noted how long methods take.

    # Raises

    `ConfigurationError` : methods without a target, faithfulness without a method.
    """

    def __init__(
        self,
        targets: dict[str, TokenTarget],
        methods: dict[str, AttributionMethod],
        attacks: Optional[dict[str, Attack]] = None,
        faithfulness: Optional[Faithfulness] = None,
        analyses: Optional[dict[str, Analysis]] = None,
        time: bool = False,
    ) -> None:
        if methods and not targets:
            raise ConfigurationError(
                f"{next(iter(methods))} needs a target to be measured on: one of "
                f"{', '.join(TokenTarget.list_available())}"
            )
        if faithfulness and not methods:
            raise ConfigurationError("faithfulness is that of methods: name at least one")
        self.targets = targets
        self.methods = methods
        self.attacks = attacks or {}
        self.further = analyses or {}
        self.analyses: list[tuple[str, Analysis]] = [("saliency", Saliency())]
        if methods:
            self.analyses.append(("likeness", LikenessOfExplanations()))
        if self.attacks:
            self.analyses.append(("attacks", Attacked(self.attacks)))
        if faithfulness:
            self.analyses.append(("faithfulness", Erasing(faithfulness)))
        if time:
            self.analyses.append(("time", Timing()))
        self.analyses += self.further.items()

    @classmethod
    def from_settings(cls, settings: Settings) -> "Measurement":
        """
            Measurement.from_settings(Settings({"first_token": "first_token"}, {"lrp": "lrp"}))

        # Raises

        `ConfigurationError` : an unknown target, method, attack or analysis, or parameters that it
            does not take.
        """
        config = to_json(settings)
        for other in ("limit", *MODEL_OPTIONS):
            config.pop(other, None)
        return made(cls, config, "the measurement")

    @property
    def all_targets(self) -> list[TokenTarget]:
        """Those of attacks, too."""
        return [*self.targets.values(), *(attack.target for attack in self.attacks.values())]

    @property
    def labels(self) -> dict[str, MethodLabel]:
        """What is needed to show each method's scores. A name of one's own is its title."""
        return {
            name: MethodLabel(_title(name, method), method.towards)
            for name, method in self.methods.items()
        }

    def measure(
        self, explained: ExplainedModel, instances: Sequence[Instance], indices: Sequence[int]
    ) -> list[Record]:
        """
        Predicts, explains and analyses one batch. The same inputs give the same records, whatever
        was measured before.

            records = measurement.measure(explained, instances, range(len(instances)))
            measurement.summarize(records).targets["first_token"]

        # Parameters

        explained : `ExplainedModel`
            In evaluation mode.
        instances : `Sequence[Instance]`
            The batch, indexed with the model's vocabulary; from a reader under
            `keep_source_texts`.
        indices : `Sequence[int]`
            The number of each in the data file.
        """
        # Without labels, which only some of the instances may have.
        unknowing = Batch([explained.unlabelled(instance) for instance in instances])
        inputs = move_to_device(unknowing.as_tensor_dict(), explained.device)
        with torch.no_grad():
            forward = explained.run(inputs)
        forward.check_finite()
        fields = [FieldTokens.of(field) for field in forward.fields]
        sequences = [field.sequences(explained.reader) for field in fields]
        texts = [
            source_text(instance, [field[row] for field in sequences])
            for row, instance in enumerate(instances)
        ]
        batch = MeasuredBatch(explained, instances, indices, forward, texts)
        bare = explained.without_labels(inputs)
        reasons: list[dict[str, str]] = [{} for _ in instances]
        for name, method in self.methods.items():
            begun = perf_counter()
            attribution, failed = attempt(method, explained, bare, forward, forward.predictions())
            batch.seconds[name] = (perf_counter() - begun) / len(instances)
            batch.attributions[name] = attribution
            for row, error in failed.items():
                reasons[row][name] = sentence(error)
        targets = self._positions(fields, explained)
        decided = forward.task.decisions(forward, instances)
        records = [
            Record(
                index=index,
                gold=decision.gold,
                prediction=decision.prediction,
                probabilities=list(map(rounded, decision.probabilities)),
                tokens=text.tokens,
                word_ids=text.word_ids,
                words=text.words,
                targets=positions,
                scores={},
                right=decision.right,
                against_gold=dict(decision.against_gold),
                window=_window(decision),
                truncated=text.truncated or None,
                failed=failed or None,
            )
            for index, decision, text, positions, failed in zip(
                indices, decided, texts, targets, reasons
            )
        ]
        for name, analysis in self.analyses:
            for record, row in zip(records, analysis.measure(batch), strict=True):
                put(record, analysis.row_field, name, row)
        return records

    def _positions(
        self, fields: list[FieldTokens], explained: ExplainedModel
    ) -> list[dict[str, list[int]]]:
        """For each input the positions of each target's tokens."""
        masks = {
            name: target_mask(fields, target, explained.reader)
            for name, target in self.targets.items()
        }
        tokens = torch.cat([field.mask for field in fields], dim=-1)  # shape: (batch, tokens)
        return [
            {name: mask[row][real].nonzero().squeeze(-1).tolist() for name, mask in masks.items()}
            for row, real in enumerate(tokens)
        ]

    def summarize(
        self, records: Sequence[Record], reference: Optional[Sequence[Record]] = None
    ) -> ModelSummary:
        """
        The numbers of one model.

        # Parameters

        records : `Sequence[Record]`
        reference : `Sequence[Record]`, optional
            Of the model that others are compared with, on the same instances, where this is
            another.
        """
        others = {record.index: record for record in reference or ()}
        tally = self.tally(reference is not None)
        for record in records:
            tally.add(record, others.get(record.index))
        return tally.summary()

    def tally(self, compared: bool) -> Tally:
        """
        For records that are not all held.

        # Parameters

        compared : `bool`
            Whether there is a model that this one is compared with.
        """
        return Tally(self.analyses, compared)

    def tables(self, models: Mapping[str, ModelSummary]) -> list[Table]:
        """Those of further analyses."""
        return [
            table
            for name, analysis in self.analyses
            for table in analysis.tables(
                name, {model: kept(of, analysis.part_field, name) for model, of in models.items()}
            )
        ]


def _window(decision: Decision) -> Optional[Window]:
    span = decision.span
    return None if span is None else Window(span["question"], span["score"])


def _title(name: str, method: AttributionMethod) -> str:
    if name != method.name:
        return name
    return method.title or name

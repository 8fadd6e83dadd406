"""What each of several parts of a model decides, and how much of its gradient is theirs."""

from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from typing import Any, Optional

import torch
from allennlp.data import Instance
from torch import Tensor, nn

from facade_allennlp.anatomy import Anatomy
from facade_allennlp.attribution import ExplainedModel
from facade_allennlp.attribution.batches import in_batches
from facade_allennlp.attribution.forward_pass import ForwardPass
from facade_allennlp.attribution.gradient_method import gradients, raw_scores
from facade_allennlp.attribution.objectives import margin_on
from facade_allennlp.tasks import Choice, Task
from facade_allennlp.tasks.alternatives import possible

SILENT = 0.1
"""
The logits of a silent part differ between texts by at most so much, beside those of the model.
"""
HEARD = 0.02
"""A part with less than this of Gradient moves no explanation."""
TIMES = 4.0
"""So many times its share of what the model says is the least gradient of a part that lies."""
EPSILON = 1e-12
"""Of what is divided by, at least so much."""


@dataclass
class Site:
    """
    Where some units of a model have their last say.

    # Parameters

    module : `nn.Module`
        Its output has them.
    units : `Tensor`
        True for them. Shape: (features,).
    anatomy : `Anatomy`, optional (default = `None`)
        Of the encoder whose layer the module is; otherwise its output is a tensor.
    """

    module: nn.Module
    units: Tensor
    anatomy: Optional[Anatomy] = None

    def states(self, output: Any) -> Tensor:
        """The features in the module's output. Shape: (rows, ..., features)."""
        return output if self.anatomy is None else self.anatomy.states(output)

    def marked(self, states: Tensor) -> Tensor:
        """The units, where the features are. Shape: (features,)."""
        return self.units.to(states.device)

    def output(self, states: Tensor) -> Any:
        """The module's output with these features."""
        return states if self.anatomy is None else self.anatomy.returned(states)


@dataclass
class Voice:
    """
    What one part of a model says.

    # Parameters

    units : `int`
    agreement : `float`
        The share of the texts that it decides as the whole model does.
    variation : `float`
        How much its logits differ between texts, beside those of the model.
    gradient : `float`
        Its share of Gradient (eq. 1), mean over texts.
    """

    units: int
    agreement: float
    variation: float
    gradient: float

    @property
    def silent(self) -> bool:
        return self.variation <= SILENT

    @property
    def lies(self) -> bool:
        """Whether it has far more of the gradient than it says."""
        return self.silent and self.gradient >= max(HEARD, TIMES * self.variation)


@dataclass
class Average:
    """The mean output of a site at each position, over texts, for all other texts alike."""

    total: Optional[Tensor] = None
    count: Optional[Tensor] = None
    seen: list[Tensor] = field(default_factory=list)

    def add(self, states: Tensor) -> None:
        """Shape: (rows, features), or (rows, tokens, features)."""
        self.seen.append(states.detach())

    def like(self, states: Tensor) -> Tensor:
        """Shape as `states`, without the first axis."""
        if states.dim() == 2:
            return torch.cat(self.seen).mean(dim=0)
        width = states.shape[1]
        long = [s[:, :width] for s in self.seen if s.shape[1] >= width]
        if long:
            return torch.cat(long).mean(dim=0)
        longest = max(self.seen, key=lambda s: s.shape[1])
        mean = longest.mean(dim=0)  # shape: (tokens, features)
        more = mean[-2:-1].expand(width - len(mean), -1)
        return torch.cat([mean[:-1], more, mean[-1:]])


def voices(
    explained: ExplainedModel, instances: Sequence[Instance], sites: Sequence[Site]
) -> list[Voice]:
    """
    What each part says, with the others as they are on average, so that they cannot answer.

    # Parameters

    explained : `ExplainedModel`
    instances : `Sequence[Instance]`
        Indexed. Some forty will do.
    sites : `Sequence[Site]`
        One for each part.
    """
    batches = [explained.without_labels(inputs) for _, inputs in in_batches(explained, instances)]
    averages = [Average() for _ in sites]
    with torch.no_grad(), listening(sites, averages):
        whole = [explained.run(inputs) for inputs in batches]
    choices = [forward.predictions() for forward in whole]
    every = list(zip(sites, averages))
    with torch.no_grad(), averaged(every):
        nobody = [explained.run(inputs) for inputs in batches]
    of_model = _variation(whole, nobody)
    shares = _gradient_shares(explained, batches, choices, sites)
    told = []
    for place, site in enumerate(sites):
        with torch.no_grad(), averaged([*every[:place], *every[place + 1 :]]):
            alone = [explained.run(inputs) for inputs in batches]
        same = [
            alike(explained.task, forward.predictions(), choice)
            for forward, choice in zip(alone, choices)
        ]
        told.append(
            Voice(
                int(site.units.sum()),
                float(torch.cat(same).double().mean()),
                _variation(alone, nobody) / max(of_model, EPSILON),
                shares[place],
            )
        )
    return told


def alike(task: Task, one: Choice, other: Choice) -> Tensor:
    """True for the rows of which two choices are the same. Shape: (rows,)."""
    rows = [zip(*[chosen.tolist() for chosen in choice]) for choice in (one, other)]
    return torch.tensor([task.same(*pair) for pair in zip(*rows)])


def reads_words(
    explained: ExplainedModel, instances: Sequence[Instance], site: Site, others: Sequence[Site]
) -> bool:
    """Whether what a site gives depends on words by another way than through the others."""
    given: list[Tensor] = []

    def watch(number: int, own: Site, states: Tensor) -> Optional[Tensor]:
        if number > 0:
            return states.detach()
        given.append(states)
        return None

    for _, inputs in in_batches(explained, instances):
        given.clear()
        with _hooked([site, *others], watch):
            forward = explained.forward(explained.without_labels(inputs))
        with torch.enable_grad():
            for states in given:
                generator = torch.Generator().manual_seed(0)
                # A norm leaves the sum, and the sum of squares, what they are.
                drawn = torch.randn(states.shape[-1], generator=generator).to(states)
                shown = states @ drawn
                if shown.requires_grad and any(slope.any() for slope in gradients(forward, shown)):
                    return True
    return False


@contextmanager
def _hooked(sites: Sequence[Site], change: Any) -> Iterator[None]:
    """Within it the features of each site are what `change` makes of them."""
    with ExitStack() as handles:
        for place, site in enumerate(sites):

            def hook(module: nn.Module, args: Any, output: Any, at: Any = (place, site)) -> Any:
                number, own = at
                states = own.states(output)
                changed = change(number, own, states)
                return None if changed is None else own.output(changed)

            handles.callback(site.module.register_forward_hook(hook).remove)
        yield


def listening(sites: Sequence[Site], averages: Sequence[Average]) -> Any:
    """Within it all that the sites give is kept."""

    def keep(number: int, site: Site, states: Tensor) -> None:
        averages[number].add(states)

    return _hooked(sites, keep)


def averaged(pairs: Sequence[tuple[Site, Average]]) -> Any:
    """Within it the units of these sites give what they give on average."""

    def replace(number: int, site: Site, states: Tensor) -> Tensor:
        return torch.where(site.marked(states), pairs[number][1].like(states), states)

    return _hooked([site for site, _ in pairs], replace)


def _gradient_shares(
    explained: ExplainedModel, batches: Any, choices: Any, sites: Sequence[Site]
) -> list[float]:
    """Of Gradient, through each site alone."""
    sums = []
    for place in range(len(sites)):
        others = [site for number, site in enumerate(sites) if number != place]

        def detach(number: int, site: Site, states: Tensor, of: Any = others) -> Tensor:
            return torch.where(site.marked(states), states.detach(), states)

        per_text = []
        for inputs, choice in zip(batches, choices):
            with _hooked(others, detach):
                forward = explained.forward(inputs)
            with torch.enable_grad():
                raw = raw_scores(forward, margin_on(choice)(forward))
            per_text.append(raw.detach().abs().sum(dim=-1))
        sums.append(torch.cat(per_text).double())
    total = torch.stack(sums).sum(dim=0).clamp_min(EPSILON)
    return [float((own / total).mean()) for own in sums]


def _variation(passes: Sequence[ForwardPass], without: Sequence[ForwardPass]) -> float:
    """
    The root mean square, over alternatives, of the deviation over texts of what is added to their
    centred logits.

    # Parameters

    without : `Sequence[ForwardPass]`
        The same texts, where nothing is added.
    """
    rows = [
        row
        for pair in zip(passes, without)
        for added, nothing in zip(*map(_centred, pair))
        for row in added - nothing
    ]
    width = max(map(len, rows))
    padded = [nn.functional.pad(row, (0, width - len(row)), value=torch.nan) for row in rows]
    table = torch.stack(padded)  # shape: (texts, alternatives)
    deviation = (table - table.nanmean(dim=0)).square().nanmean(dim=0)
    return float(deviation.nan_to_num().mean().sqrt())


def _centred(forward: ForwardPass) -> Iterator[Tensor]:
    """For each output its logits minus their mean; placeholders are no numbers. (rows, logits)"""
    for logits in forward.alternatives():
        counted = possible(logits)
        values = torch.where(counted, logits.detach().double(), 0.0)
        mean = values.sum(dim=-1, keepdim=True) / counted.sum(dim=-1, keepdim=True)
        yield torch.where(counted, values - mean, torch.nan).flatten(1)

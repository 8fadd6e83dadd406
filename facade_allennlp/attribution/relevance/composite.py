"""Tables from kinds of layers to rules: what is passed back through them instead of a gradient."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any, Optional

from allennlp.common.checks import ConfigurationError
from torch import Tensor, nn

from facade_allennlp.anatomy import ByKind, Encoder, Kind, Layer, Part
from facade_allennlp.attribution.attention.open_attention import attention_cores, layers_of
from facade_allennlp.attribution.module_hooks import hooked
from facade_allennlp.errors import with_article


@dataclass(frozen=True)
class Pass:
    """
    The pass that rules are applied in.

    # Parameters

    method : `str`
        The name of the method, for messages.
    model : `nn.Module`
    rows : `int`
        The number of inputs.
    """

    method: str
    model: nn.Module
    rows: int


class Rule:
    """
    What a layer of some kind passes back. A rule says how the `output` of a module is attached to
    its input; the output's values stay as they are.
    """

    def output(self, module: Any, input: Tensor, output: Tensor, within: Pass) -> Tensor:
        """
        The output with the rule as its backward pass.

        # Parameters

        input, output : `Tensor`
            What the module was given first, and what it returned. Each of shape (..., features).

        # Returns

        `Tensor` : the same values as `output`, with another backward pass.
        """
        raise NotImplementedError

    def attached(self, module: nn.Module, within: Pass) -> AbstractContextManager[Any]:
        """Within it the rule is applied in the module."""

        def hook(module: nn.Module, args: tuple, output: Tensor) -> Tensor:
            return self.output(module, args[0], output, within)

        return hooked([module], hook)


class AttentionRule:
    """What softmax attention passes back to query, key and value."""

    def context(
        self, query: Tensor, key: Tensor, value: Tensor, added: Any, within: Pass
    ) -> Tensor:
        """
        The context with the rule as its backward pass.

        # Parameters

        query, key, value : `Tensor`
            Each of shape (rows, heads, tokens, features of a head).
        added : `Tensor`, optional
            To the scores of query and key.

        # Returns

        `Tensor` : the context, with another backward pass. Same shape.
        """
        raise NotImplementedError

    def attached(self, layer: Layer, within: Pass) -> AbstractContextManager[Any]:
        """Within it the rule is applied in the layer's attention."""
        core = partial(self.context, within=within)
        return attention_cores([layer], lambda place: core)


class Refusal(Rule):
    """For layers that relevance cannot be passed through."""

    def attached(self, module: nn.Module, within: Pass) -> AbstractContextManager[Any]:
        raise ConfigurationError(
            f"{within.method} has no rule for {with_article(type(module).__name__)}, which is a "
            "part of "
            f"{type(within.model).__name__}; methods for any model are gradient, smooth_gradient "
            "and integrated_gradients"
        )


class Composite:
    """
    A rule for each kind of layer that has one; all others pass on gradients.

    >>> class MyLRP(RelevanceMethod):
    ...     composite = Composite({nn.Linear: AlphaBeta(0.5), ACTIVATION: Unchanged()})

    # Parameters

    rules : `Mapping[Kind, Rule]`, optional (default = none)
        For modules of a kind, anywhere in the model.
    part_rules : `Mapping[Part, Rule]`, optional (default = none)
        For a part of each layer of the encoders; they go before those of a kind.
    attention : `AttentionRule`, optional (default = gradients)
        For the attention of each layer of the encoders.
    """

    def __init__(
        self,
        rules: Mapping[Kind, Rule] = {},
        part_rules: Mapping[Part, Rule] = {},
        attention: Optional[AttentionRule] = None,
    ) -> None:
        self._rules = ByKind(rules)
        self._part_rules = dict(part_rules)
        self._attention = attention

    @contextmanager
    def attached(self, encoders: Sequence[Encoder], within: Pass) -> Iterator[None]:
        """
        Within it the rules are applied in the model of the pass.

        # Raises

        `ConfigurationError` : a layer has a `Refusal`, or the encoders' attention is not what the
            rules are for.
        """
        opened = self._part_rules or self._attention
        layers = layers_of(encoders, within.method) if opened else []
        by_module = {module: self._rules.find(module) for module in within.model.modules()}
        for layer in layers:
            for part, part_rule in self._part_rules.items():
                by_module.update(dict.fromkeys(layer.pieces(part), part_rule))
        with ExitStack() as stack:
            for module, rule in by_module.items():
                if rule is not None:
                    stack.enter_context(rule.attached(module, within))
            for layer in layers:
                if self._attention is not None:
                    stack.enter_context(self._attention.attached(layer, within))
            yield

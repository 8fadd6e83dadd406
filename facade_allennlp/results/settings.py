"""How a measurement is made: its JSON and its options on the command line, each spelled once."""

import argparse
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Optional

from facade_allennlp.errors import InputError
from facade_allennlp.lines import json_object
from facade_allennlp.results.configs import (
    Config,
    check_config,
    config_arguments,
    named_configs,
    written,
)
from facade_allennlp.results.titles import METHODS


@dataclass
class Option:
    """
    An option of `allennlp measure`, and what its value is in Python.

    # Parameters

    flag : `str`
    arguments : `dict[str, Any]`
        For argparse.
    parse : `Callable[[Any], Any]`
        From what argparse gives to the value of the setting.
    write : `Callable[[Any], list[str]]`
        From that value to what follows the flag.
    """

    flag: str
    arguments: dict[str, Any]
    parse: Callable[[Any], Any] = lambda given: given
    write: Callable[[Any], list[str]] = lambda value: [str(value)]


def _one_config(argument: str) -> Config:
    config: Config = json_object(argument) if argument.startswith("{") else argument
    check_config("", config)
    return config


def _named(flag: str, kind: str, **arguments: Any) -> Option:
    """Configs by name."""
    arguments = {"metavar": kind.upper(), "nargs": "+", "default": [], **arguments}
    return Option(flag, arguments, lambda given: named_configs(given, kind), config_arguments)


MODEL_OPTIONS = {
    "max_batch_tokens": Option(
        "--max-batch-tokens",
        {"type": int, "help": "most tokens in one forward pass, bounds memory"},
    ),
    "precision": Option(
        "--precision",
        {
            "choices": ["bf16"],
            "help": "compute methods whose ranks of tokens stay in half precision: gradient, "
            "integrated_gradients, lrp, attn_lrp; predictions are computed as ever",
        },
    ),
    "logits": Option(
        "--logits",
        {
            "nargs": "+",
            "metavar": "NAME",
            "help": "the model's outputs that hold logits (default: those that end in 'logits')",
        },
        write=list,
    ),
    "label_namespace": Option(
        "--label-namespace",
        {
            "metavar": "NAME",
            "help": "where the vocabulary holds the names of classes (default: the model's)",
        },
    ),
    "task": Option(
        "--task",
        {
            "metavar": "TASK",
            "help": "what the model decides: single_label, several_labels, number, token_label, "
            "span, or JSON with parameters (default: what fits its outputs)",
        },
        parse=lambda given: None if given is None else _one_config(given),
        write=lambda value: [written(value)],
    ),
    "overrides": Option(
        "--overrides",
        {"metavar": "JSON", "help": "changes of the archive's config, as for AllenNLP's commands"},
        parse=lambda given: None if given is None else json_object(given),
        write=lambda value: [written(value)],
    ),
}
"""How a model of an archive is read, by the names of the settings; see `explained_model`."""

OPTIONS = {
    "targets": _named(
        "--target",
        "target",
        dest="targets",
        help="such as first_token or stop_words; or NAME=JSON with parameters; methods need at "
        "least one",
    ),
    "methods": _named(
        "--methods",
        "method",
        nargs="*",
        default=["gradient", "smooth_gradient", "integrated_gradients"],
        help=f"any of {', '.join(sorted(METHODS))}; or NAME=JSON with parameters; or nothing, for "
        "predictions and attacks alone",
    ),
    "attacks": _named(
        "--attacks", "attack", help="input_reduction, hotflip, or NAME=JSON with parameters"
    ),
    "faithfulness": Option(
        "--faithfulness",
        {
            "nargs": "?",
            "const": "{}",
            "metavar": "JSON",
            "help": "measure comprehensiveness, sufficiency, deletion curves and the correlation "
            'with leave-one-out of each method; with parameters: {"shares": [0.1, 0.5]}',
        },
        parse=lambda given: None if given is None else json_object(given),
        write=lambda value: [written(value)],
    ),
    "analyses": _named(
        "--analyses", "analysis", help="further registered ones, or NAME=JSON with parameters"
    ),
    "time": Option(
        "--time",
        {"action": "store_true", "help": "note how long methods take"},
        write=lambda value: [],
    ),
    "limit": Option("--limit", {"type": int, "help": "at most so many instances, spread evenly"}),
    **MODEL_OPTIONS,
}
"""By the names of the settings, in the order of the command line."""


@dataclass
class Settings:
    """
    What is measured of each input, and how: one call of `allennlp measure`, but for its models and
    data.

    # Parameters

    targets, methods, attacks : `dict[str, Config]`
        By name.
    faithfulness : `dict[str, Any]`, optional
        Parameters of `Faithfulness`; by default it is not measured.
    analyses : `dict[str, Config]`
        Further ones, by name.
    time : `bool`
        Whether it is noted how long methods take.
    limit : `int`, optional
        At most so many instances, spread evenly over the data.
    max_batch_tokens : `int`, optional (default = as many as suit the device)
        The most tokens in one forward pass.
    precision : `str`, optional (default = the model's)
        In which some methods compute: see `ExplainedModel`.
    logits, label_namespace, task : optional
        How a model is read: see `attribution.explained_model`.
    overrides : `dict[str, Any]`, optional
        Changes of an archive's config.

    # Raises

    `InputError` : a number below 1; a name that a command line cannot hold.
    """

    targets: dict[str, Config]
    methods: dict[str, Config]
    attacks: dict[str, Config] = field(default_factory=dict)
    faithfulness: Optional[dict[str, Any]] = None
    analyses: dict[str, Config] = field(default_factory=dict)
    time: bool = False
    limit: Optional[int] = None
    max_batch_tokens: Optional[int] = None
    precision: Optional[str] = None
    logits: Optional[list[str]] = None
    label_namespace: Optional[str] = None
    task: Optional[Config] = None
    overrides: Optional[dict[str, Any]] = None

    def __post_init__(self) -> None:
        for name in ("limit", "max_batch_tokens"):
            value = getattr(self, name)
            if value is not None and value < 1:
                raise InputError(f"{name} is {value}, but must be >= 1")
        for configs in (self.targets, self.methods, self.attacks, self.analyses):
            for name, config in configs.items():
                check_config(name, config)

    @classmethod
    def add_arguments(cls, parser: argparse.ArgumentParser) -> None:
        for option in OPTIONS.values():
            parser.add_argument(option.flag, **option.arguments)

    @classmethod
    def from_arguments(cls, given: argparse.Namespace) -> "Settings":
        """What a parser with these arguments gives."""
        return cls(**{name: of.parse(getattr(given, name)) for name, of in OPTIONS.items()})

    @property
    def of_model(self) -> dict[str, Any]:
        """The options with which a model of an archive is explained; see `explained_model`."""
        return {name: getattr(self, name) for name in MODEL_OPTIONS if name != "overrides"}

    def command_line(self) -> list[str]:
        """
        The options that say the same, without those that say what is so by default.

        >>> Settings({"first": "first_token"}, {"lrp": "lrp"}, time=True).command_line()
        ['--target', 'first=first_token', '--methods', 'lrp', '--time']
        """
        by_default = Settings({}, {})
        options = []
        for name, option in OPTIONS.items():
            value = getattr(self, name)
            # What has a default on the command line is always told.
            if option.arguments.get("default") or value != getattr(by_default, name):
                options += [option.flag, *option.write(value)]
        return options

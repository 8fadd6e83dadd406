"""What an experiment consists of: data, not code."""

from collections.abc import Iterable, Mapping, Sequence
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any, Optional

from allennlp.common import FromParams, Params, Registrable
from allennlp.common.checks import ConfigurationError

from facade_allennlp.errors import InputError
from facade_allennlp.named import named
from facade_allennlp.results.checked import from_json
from facade_allennlp.results.settings import Settings

CONFIGS = Path("training_configs")
FILE = "experiment.jsonnet"
RUNS = "{runs}"
"""In a string of a training's overrides: the folder of the experiment's models."""


class Training(FromParams):
    """
    A model to train.

    # Parameters

    config : `str`
        A training config, beside the experiment's file.
    overrides : `dict[str, Any]`, optional
        Settings that differ, by their path in the config. `{runs}` in a string stands for the
        folder of the experiment's models, so that one training can start from another.
    """

    def __init__(self, config: str, overrides: Optional[dict[str, Any]] = None) -> None:
        self.config = config
        self.overrides = overrides or {}


class Construction(FromParams):
    """
    A facade to construct.

    # Parameters

    predictive : `str`
        The model that it is for, or `EXPERIMENT/NAME`.
    target : `str | dict[str, Any]`
        As `construct-facade` takes it.
    """

    def __init__(self, predictive: str, target: Any) -> None:
        self.predictive = predictive
        self.target = target


class Merging(FromParams):
    """
    Two models to merge. `EXPERIMENT/NAME` is a model of another experiment, which has to be trained
    before.

    # Parameters

    predictive, facade : `str`
        Their names.
    facade_scale : `float`, optional (default = `1`)
        See `merge_archives`.
    """

    def __init__(self, predictive: str, facade: str, facade_scale: float = 1.0) -> None:
        self.parts = [predictive, facade]
        self.facade_scale = facade_scale


class Measurement(FromParams):
    """
    One call of `allennlp measure`.

    # Parameters

    models : `Mapping[str, str]`
        By the name that is shown, a trained, constructed or merged model; the first is the
        reference. `EXPERIMENT/NAME` is a model of another experiment, which has to be run before.
        In a config it may be a list, and models are shown by their own names.
    settings : `Settings`
        In a config its fields stand beside the others.
    config : `str`, optional (default = that of the first training)
        A training config, beside the experiment's file, whose validation data are measured.
    table : `str`, optional (default = none)
        The measurement whose tables have the numbers of this one's methods, too. That one measures
        the same models on at least as many inputs.
    seeds : `int`, optional (default = all)
        Of so many of the seeds it is made.
    """

    def __init__(
        self,
        models: Mapping[str, str],
        settings: Settings,
        config: Optional[str] = None,
        table: Optional[str] = None,
        seeds: Optional[int] = None,
    ) -> None:
        self.models = dict(models)
        self.settings = settings
        self.config = config
        self.table = table
        self.seeds = seeds

    @classmethod
    def from_params(cls, params: Params, **extras: Any) -> "Measurement":  # type: ignore[override]
        """
        From a config in which the settings stand beside the models.

        # Raises

        `ConfigurationError` : there are no models, two have one name, or the rest are no settings.
        """
        given = params.as_dict(quiet=True)
        own = {name: given.pop(name, None) for name in ("config", "table", "seeds")}
        models = given.pop("models", None) or {}
        if isinstance(models, list):
            pairs = [(model.split("/")[-1], model) for model in models]
        else:
            pairs = list(models.items())
        try:
            if not pairs:
                raise InputError("there are no models")
            return cls(named(pairs, "model"), from_json(Settings, given), **own)
        except InputError as error:
            shown = ", ".join(model for _, model in pairs) or "nothing"
            raise ConfigurationError(f"a measurement of {shown}: {error}") from None


class Study(Registrable):
    """
    What `allennlp reproduce` does under one name. A new kind is one registered subclass.

    # Parameters

    title : `str`
    """

    default_implementation = "training"

    def __init__(self, title: str) -> None:
        self.title = title

    @property
    def needs(self) -> set[str]:
        """The studies that models are taken from."""
        return set()


@Study.register("training")
class Experiment(Study):
    """
    Models to train and to merge, and what is measured of them.

    # Parameters

    title : `str`
    train : `dict[str, Training]`
        Models by name, in the order of training.
    merge : `dict[str, Merging]`
        Merged models by name.
    measure : `dict[str, Measurement]`
        By name.
    paper : `str`, optional
        The experiment's name in the table of the paper's numbers.
    construct : `dict[str, Construction]`, optional
        Facades by name.

    # Raises

    `ConfigurationError` : a construction, a merge or a measurement names a model that is not there,
        or a table that is none; nothing is trained, and a measurement names no config.
    """

    def __init__(
        self,
        title: str,
        train: dict[str, Training],
        merge: dict[str, Merging],
        measure: dict[str, Measurement],
        paper: Optional[str] = None,
        construct: Optional[dict[str, Construction]] = None,
    ) -> None:
        super().__init__(title)
        self.train = train
        self.construct = construct or {}
        self.merge = merge
        self.measure = measure
        self.paper = paper
        made = [*train, *self.construct]
        for name, construction in self.construct.items():
            self._check(f"construct.{name}", [construction.predictive], train)
        for name, merging in merge.items():
            self._check(f"merge.{name}", merging.parts, made)
        for name, measurement in measure.items():
            self._check(f"measure.{name}.models", measurement.models.values(), [*made, *merge])
            if measurement.table is not None:
                self._check(f"measure.{name}.table", [measurement.table], measure)
            if measurement.config is None and not train:
                raise ConfigurationError(
                    f"measure.{name} needs a `config`, as nothing is trained whose validation "
                    "data could be measured"
                )

    def config_of(self, measurement: Measurement) -> str:
        """The training config whose validation data are measured."""
        return measurement.config or next(iter(self.train.values())).config

    @property
    def needs(self) -> set[str]:
        return {model.split("/")[0] for model in self.foreign}

    @property
    def foreign(self) -> dict[str, str]:
        """
        The models of other experiments, and the first construction, merge or measurement that needs
        each.
        """
        measured = {name: [*of.models.values()] for name, of in self.measure.items()}
        used = {**self.made_of, **measured}
        return {
            model: name
            for name, models in reversed(used.items())
            for model in models
            if "/" in model
        }

    @property
    def made_of(self) -> dict[str, list[str]]:
        """The models that each model which is not trained is made of."""
        constructed = {name: [of.predictive] for name, of in self.construct.items()}
        return {**constructed, **{name: of.parts for name, of in self.merge.items()}}

    @staticmethod
    def _check(place: str, names: Iterable[str], known: Iterable[str]) -> None:
        unknown = [name for name in names if "/" not in name and name not in known]
        if unknown:
            raise ConfigurationError(f"{place} names {unknown[0]!r}, but there is {sorted(known)}")


def read_experiments(
    names: Sequence[str], configs: Path = CONFIGS
) -> dict[str, tuple[Path, Study]]:
    """
    Experiments from their files.

    # Parameters

    names : `Sequence[str]`
        Of folders in `configs` that hold `experiment.jsonnet`, or paths of such files, or `all`.

    # Returns

    The folder and the experiment by name, those first that others take models from.

    # Raises

    `ConfigurationError` : there is no such experiment, or its file is wrong.
    """
    known = {path.parent.name: path for path in sorted(configs.glob(f"*/{FILE}"))}
    experiments = {}
    for name in known if list(names) == ["all"] else names:
        path = Path(name) if name.endswith(".jsonnet") else configs / name / FILE
        if not path.exists():
            raise ConfigurationError(
                f"{path}: there is no such experiment; {configs} has {', '.join(known) or 'none'}"
            )
        experiment = Study.from_params(Params.from_file(str(path)))
        experiments[path.resolve().parent.name] = (path.parent, experiment)
    order = TopologicalSorter(
        {name: experiment.needs for name, (_, experiment) in experiments.items()}
    )
    return {name: experiments[name] for name in order.static_order() if name in experiments}

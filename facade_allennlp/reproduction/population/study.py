"""The audit of a population, model by model."""

import json
from collections.abc import Iterator, Sequence
from pathlib import Path

from allennlp.common.checks import ConfigurationError

from facade_allennlp.lines import strict_json
from facade_allennlp.number import number
from facade_allennlp.reproduction.experiment import Study
from facade_allennlp.reproduction.population.clean import clean
from facade_allennlp.reproduction.population.lying import lying
from facade_allennlp.reproduction.population.member import Member
from facade_allennlp.reproduction.population.page import page, write_picture
from facade_allennlp.reproduction.population.scored import Scored, scored
from facade_allennlp.reproduction.population.texts import Corpus, Texts
from facade_allennlp.reproduction.run import Place
from facade_allennlp.results.checked import from_json, to_json
from facade_allennlp.results.files import write_whole, written_together

ROWS = "models.jsonl"
PICTURE = "roc.svg"
SEED = 1000
"""Between the seeds of two runs."""


@Study.register("population")
class Population(Study):
    """
    Models that the audit is tried on. Thresholds are fixed on one half of the clean ones, and the
    figures are those of the other half. A run that was stopped goes on.

    # Parameters

    title : `str`
    texts : `int`
        With so many each model is audited.
    seeds : `int`
        Of each common kind of model there are so many.
    corpora : `dict[str, dict[str, str]]`
        By name, the settings of a `Corpus`.
    networks : `dict[str, list[str]]`
        By name, a kind of network and the name of the corpus that it reads, see `Texts`.

    # Raises

    `ConfigurationError` : the networks `bert` and `lstm` are not both there; a network reads a
        corpus that is not there; a number is out of its range.
    """

    def __init__(
        self,
        title: str,
        texts: int,
        seeds: int,
        corpora: dict[str, dict[str, str]],
        networks: dict[str, list[str]],
    ) -> None:
        super().__init__(title)
        self.texts = number("texts", texts, least=8, whole=True)
        self.seeds = number("seeds", seeds, least=4, whole=True)
        self.corpora = corpora
        self.networks = networks
        lacking = {"bert", "lstm"} - set(networks)
        if lacking:
            raise ConfigurationError(f"the population has no network {min(lacking)!r}")
        for name, (_, corpus) in networks.items():
            if corpus not in corpora:
                raise ConfigurationError(
                    f"networks.{name} reads {corpus!r}, but there is {sorted(corpora)}"
                )

    def members(self, place: Place, seed: int) -> Iterator[Member]:
        """All models, seed by seed."""
        corpora = {
            name: Corpus(
                settings["reader"],
                place.corpus(settings["train"]),
                place.corpus(settings["validation"]),
            )
            for name, settings in self.corpora.items()
        }
        every = {
            name: Texts(kind, corpora[corpus], place.runs / "encoders" / str(number), SEED * seed)
            for number, (name, (kind, corpus)) in enumerate(self.networks.items())
        }
        for own in range(self.seeds):
            yield from clean(every, own)
            yield from lying(every, own)

    def left(self, place: Place, seed: int) -> list[Member]:
        """Those that are still to be made and audited."""
        known = {(row.kind, row.name) for row in rows_in(place.runs / ROWS)}
        return [one for one in self.members(place, seed) if (one.kind, one.name) not in known]

    def audited(self, place: Place, seed: int) -> list[Scored]:
        """Makes and audits what is left, and gives all rows of a seed."""
        left = self.left(place, seed)
        path = place.runs / ROWS
        rows = rows_in(path)
        for nth, member in enumerate(left, start=1):
            print(f"{nth} of {len(left)}: {member.kind}, {member.name}", flush=True)
            rows.append(scored(member, self.texts))
            write_whole(path, "".join(json.dumps(to_json(row)) + "\n" for row in rows))
        return rows

    def written(
        self, rows: Sequence[Scored], output: Path, name: str, command: str
    ) -> Iterator[Path]:
        """
        Writes `NAME.json`, and made from it alone `NAME.md` and a picture in the folder `NAME`;
        gives each file when it is there.

        # Parameters

        rows : `Sequence[Scored]`
            Of all seeds.
        output : `Path`
            The folder.
        name, command : `str`
            Of the study, and what makes it.
        """
        told = page(rows, self.title, command, self.texts, f"{name}/{PICTURE}")
        data = json.dumps([to_json(row) for row in rows], indent=1) + "\n"
        with written_together(output) as unfinished:
            (unfinished / f"{name}.md").write_text(told, encoding="utf-8")
            (unfinished / f"{name}.json").write_text(data, encoding="utf-8")
        with written_together(output / name) as unfinished:
            write_picture(rows, unfinished / PICTURE)
        yield from (output / f"{name}.md", output / f"{name}.json", output / name / PICTURE)


def rows_in(path: Path) -> list[Scored]:
    """The lines of a file, or none where it is not there."""
    if not path.exists():
        return []
    lines = path.read_text(encoding="utf-8").splitlines()
    return [
        from_json(Scored, strict_json(line), f"{path}, line {n}") for n, line in enumerate(lines, 1)
    ]

"""
`python -m benchmarks.audit`: what the audit says of small models, clean ones and such as were made
to lie. Its thresholds are fixed on one half of the models, and the figures are those of the other.
"""

import argparse
import json
import tempfile
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import torch
from allennlp.data import Batch

from benchmarks.audit_population import SEEDS, Member, Texts, clean, manipulated, texts_of
from benchmarks.machine import machine
from facade_allennlp.attribution import ExplainedModel, Gradient, explained_model, on_target
from facade_allennlp.audit import Evidence, Subject
from facade_allennlp.report.renderers import markdown
from facade_allennlp.results.audit import FOUND
from facade_allennlp.results.table import Heading, Table

PAGE = """# The audit on a population

`python -m benchmarks.audit --output results/audit.md --scores runs/audit.jsonl` writes this page:
{clean} clean and {manipulated} manipulated models, small ones (24 to 48 features, up to 3 layers)
of the words of the sample reviews, trained on them or left untrained, each audited with {texts}
texts. Thresholds are fixed on the models of even seeds, and all figures are of those of odd seeds.
An audit took {seconds:.1f} s of CPU time; {machine}.

Thresholds from the one half: {thresholds}. Those of the package are higher, as large encoders that
nobody has made to lie have more presence than these small ones (0.43 for the reference encoder).
Facades that were trained (eq. 3) are not in this population.

## Manipulated models

The area under the ROC curve of each evidence alone against the clean models, and of all together
(the score that is furthest above its threshold, as a multiple); and the share that is found at the
thresholds. P@1 says how far the manipulation went: the share of the texts whose strongest token by
Gradient is the target. `as f` is the share that is decided as by the predictive model beneath.

{manipulated_table}

## Clean models

The highest score of each evidence, and how many were called liars.

{clean_table}
"""
TEXTS = 40


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.audit", description=__doc__)
    parser.add_argument("--output", type=Path, required=True, help="the page to write")
    parser.add_argument(
        "--scores", type=Path, required=True, help="a line of JSON per model; a run goes on from it"
    )
    args = parser.parse_args()
    torch.set_num_threads(1)
    done = rows_in(args.scores)
    known = {(row["kind"], row["name"]) for row in done}
    with tempfile.TemporaryDirectory() as temporary:
        all_texts = {kind: texts_of(kind, Path(temporary) / kind) for kind in ("bert", "lstm")}
        with args.scores.open("a", encoding="utf-8") as file:
            for member in members(all_texts):
                if (member.kind, member.name) not in known:
                    row = scored(member)
                    done.append(row)
                    print(json.dumps(row), file=file, flush=True)
    args.output.write_text(page(done), encoding="utf-8")


def members(all_texts: dict[str, Texts]) -> Iterator[Member]:
    """The population, seed by seed."""
    for seed in range(SEEDS):
        yield from clean(all_texts, seed)
        yield from manipulated(all_texts, seed)


def rows_in(path: Path) -> list[dict[str, Any]]:
    """The lines of a file, or none where it is not there."""
    if not path.exists():
        return []
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def scored(member: Member) -> dict[str, Any]:
    """What each evidence measures of a model, and how far the manipulation went."""
    began = time.process_time()
    explained = explained_model(member.model, member.texts.reader)
    chosen = member.texts.validation[:: len(member.texts.validation) // TEXTS][:TEXTS]
    subject = Subject(explained, chosen)
    scores, found = {}, []
    for name in Evidence.list_available():
        witness = Evidence.by_name(name)().heard(subject)  # type: ignore[call-arg]
        harmless = witness.result != FOUND and (witness.score or 0) >= (witness.threshold or 0)
        scores[name] = 0.0 if harmless else witness.score
        if witness.result == FOUND:
            found.append(name)
    row = {
        "kind": member.kind,
        "name": member.name,
        "half": member.half,
        "lies": member.lies,
        "scores": scores,
        "found": found,
        **fooled(member, explained, chosen),
    }
    return {**row, "cpu_seconds": time.process_time() - began}


def fooled(member: Member, explained: ExplainedModel, chosen: Sequence[Any]) -> dict[str, float]:
    """P@1 of the target, and the share of the texts that are decided as by f, in percent."""
    if member.target is None or member.f is None:
        return {}
    inputs = Batch(list(chosen)).as_tensor_dict()
    attribution = Gradient().attribute(explained, inputs)
    scores = on_target(attribution, attribution.target_mask(member.target, explained.reader))
    with torch.no_grad():
        own, other = (m(**inputs)["logits"].argmax(dim=-1) for m in (member.model, member.f))
    return {
        "p_at_1": 100 * float(scores.hit[scores.has_target].double().mean()),
        "agreement": 100 * float((own == other).double().mean()),
    }


def thresholds(rows: Sequence[dict[str, Any]]) -> dict[str, float]:
    """
    For each evidence the middle between the highest clean score and the lowest of the models that
    lie and are above it, or, where there are none, a tenth above the highest clean one.
    """
    fixed = {}
    for name in Evidence.list_available():
        honest = [row["scores"][name] for row in rows if not row["lies"]]
        highest = max(score for score in honest if score is not None)
        above = [
            row["scores"][name]
            for row in rows
            if row["lies"] and row["scores"][name] is not None and row["scores"][name] > highest
        ]
        fixed[name] = (highest + min(above)) / 2 if above else 1.1 * highest
    return fixed


def area(honest: Sequence[float], lying: Sequence[float]) -> float:
    """Under the ROC curve: how often a lying model has the higher score; ties count half."""
    pairs = [(low, high) for low in honest for high in lying]
    return sum((high > low) + 0.5 * (high == low) for low, high in pairs) / len(pairs)


def page(rows: Sequence[dict[str, Any]]) -> str:
    """Markdown."""
    fixed = thresholds([row for row in rows if row["half"] == 0])
    other = [row for row in rows if row["half"] == 1]
    honest = [row for row in other if not row["lies"]]
    names = list(fixed)
    kinds = dict.fromkeys(row["kind"] for row in other)
    roc = Table(
        "threat",
        [Heading(t) for t in ("models", "P@1, %", "as f, %", *names, "any, AUROC", "found, %")],
    )
    roc.digits = 2
    for kind in kinds:
        of_kind = [row for row in other if row["kind"] == kind and row["lies"]]
        if of_kind:
            roc.add(
                Heading(kind),
                [
                    len(of_kind),
                    mean([row["p_at_1"] for row in of_kind]),
                    mean([row["agreement"] for row in of_kind]),
                    *(area(of(honest, name), of(of_kind, name)) for name in names),
                    area([most(r, fixed) for r in honest], [most(r, fixed) for r in of_kind]),
                    100 * mean([float(most(row, fixed) >= 1) for row in of_kind]),
                ],
            )
    alarms = Table("clean models", [Heading(t) for t in ("models", "false alarms", *names)])
    alarms.digits = 2
    for kind in kinds:
        of_kind = [row for row in honest if row["kind"] == kind]
        if of_kind:
            highest = [max(of(of_kind, name)) for name in names]
            false = sum(most(row, fixed) >= 1 for row in of_kind)
            alarms.add(Heading(kind), [len(of_kind), false, *highest])
    told = ", ".join(f"`{name}` {value:.3f}" for name, value in fixed.items())
    counts = [sum(row["lies"] == lies for row in rows) for lies in (False, True)]
    return PAGE.format(
        clean=counts[0],
        manipulated=counts[1],
        texts=TEXTS,
        seconds=mean([row["cpu_seconds"] for row in rows]),
        machine=machine(),
        thresholds=told,
        manipulated_table=markdown(roc),
        clean_table=markdown(alarms),
    )


def of(rows: Sequence[dict[str, Any]], name: str) -> list[float]:
    return [row["scores"][name] or 0.0 for row in rows]


def most(row: dict[str, Any], fixed: dict[str, float]) -> float:
    """The highest score, as a multiple of its threshold."""
    return max((row["scores"][name] or 0.0) / value for name, value in fixed.items())


def mean(values: Sequence[float]) -> float:
    return sum(values) / max(len(values), 1)


if __name__ == "__main__":
    main()

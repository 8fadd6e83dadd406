"""
`python -m benchmarks.peers --archives F F_FT...`: the same sentences of an honest model and of some
that lie, explained by tools that people point at models of transformers, and by ours, in one run.
Do they lie too, and what do they cost? What is not installed is left out: the extra `peers` has all
but LIT, whose releases ask for an older NumPy and SHAP than the lock has.
"""

import argparse
import importlib.util
import itertools
import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import torch
from allennlp.common.file_utils import cached_path
from allennlp.data import Batch
from allennlp.models.archival import Archive
from captum.attr import LayerIntegratedGradients
from torch import Tensor

from benchmarks.machine import machine
from benchmarks.setting import SENTENCES
from facade_allennlp.archives import load
from facade_allennlp.attribution import (
    Attribution,
    AttributionMethod,
    ExplainedModel,
    Gradient,
    IntegratedGradients,
    explained_archive,
)
from facade_allennlp.exchange.view import TransformersView
from facade_allennlp.report.renderers import markdown, show
from facade_allennlp.results.table import Table
from facade_allennlp.targets import TokenTarget

STEPS = 50
"""Points of integrated gradients, in all of the tools."""

EVALUATIONS = 200
"""The most texts that SHAP asks the model for; by itself it takes 500."""

Explain = Callable[[str], Sequence[float]]
"""A text in, a score for each token of the tokenizer out, special ones included."""


def captums(archive: Archive) -> Explain:
    """As in Captum's tutorial on BERT: from padding between the special tokens to the text."""
    view = TransformersView(archive).eval()
    tokenizer = view.tokenizer

    def probabilities(ids: Tensor, mask: Tensor) -> Tensor:
        return view(input_ids=ids, attention_mask=mask).logits.softmax(dim=-1)

    integrated = LayerIntegratedGradients(probabilities, view.get_input_embeddings())

    def explain(text: str) -> list[float]:
        encoded = tokenizer(text, return_tensors="pt")
        ids, mask = encoded["input_ids"], encoded["attention_mask"]
        special = torch.tensor(
            tokenizer.get_special_tokens_mask(ids[0], already_has_special_tokens=True)
        )
        padding = torch.where(special.bool(), ids, tokenizer.pad_token_id)
        target = int(probabilities(ids, mask).argmax())
        scores = integrated.attribute(
            ids, padding, target=target, additional_forward_args=(mask,), n_steps=STEPS
        )
        return scores.sum(dim=-1)[0].tolist()

    return explain


def transformers_interprets(archive: Archive) -> Explain:
    """Its explainer of classifiers, which takes Captum's integrated gradients."""
    from transformers_interpret import SequenceClassificationExplainer

    view = TransformersView(archive).eval()
    explainer = SequenceClassificationExplainer(view, view.tokenizer)
    return lambda text: [score for _, score in explainer(text, n_steps=STEPS)]


def shaps(archive: Archive) -> Explain:
    """Its explainer of texts: the partition explainer over the tokenizer, which masks words."""
    import shap

    view = TransformersView(archive).eval()

    def probabilities(texts: Sequence[str]) -> Any:
        encoded = view.tokenizer([*map(str, texts)], padding=True, return_tensors="pt")
        with torch.no_grad():
            return view(**encoded).logits.softmax(dim=-1).numpy()

    explainer = shap.Explainer(probabilities, shap.maskers.Text(view.tokenizer), silent=True)

    def explain(text: str) -> list[float]:
        values = explainer([text], max_evals=EVALUATIONS).values[0]
        return values[:, int(probabilities([text]).argmax())].tolist()

    return explain


def lits(interpreter: str, **settings: Any) -> Callable[[Archive], Explain]:
    """One of LIT's interpreters of gradients, by the name of its class."""

    def of(archive: Archive) -> Explain:
        from lit_nlp.components import gradient_maps

        from benchmarks.lit_model import LitModel

        model = LitModel(TransformersView(archive))
        asked = getattr(gradient_maps, interpreter)(**settings)

        def explain(text: str) -> list[float]:
            (result,) = asked.run([{"sentence": text}], model, None)
            return result["gradients"].salience.tolist()

        return explain

    return of


def ours(method: AttributionMethod) -> Callable[[Archive], Explain]:
    """A method of this package."""

    def of(archive: Archive) -> Explain:
        explained = explained_archive(archive)
        return lambda text: attribution_of(explained, text, method).normalized[0].tolist()

    return of


def attribution_of(explained: ExplainedModel, text: str, method: AttributionMethod) -> Attribution:
    """As the commands make it, of one text by itself."""
    reader: Any = explained.dataset_reader
    instance = reader.text_to_instance(text)
    reader.apply_token_indexers(instance)
    batch = Batch([instance])
    batch.index_instances(explained.model.vocab)
    inputs: Any = batch.as_tensor_dict()
    return method.attribute(explained, inputs)


def peers() -> dict[str, Callable[[Archive], Explain]]:
    """All that are there, by what they are called."""
    known: dict[str, Callable[[Archive], Explain]] = {
        "ours: Gradient": ours(Gradient()),
        "ours: InteGrad": ours(IntegratedGradients(steps=STEPS)),
        "Captum, its tutorial's way": captums,
    }
    integrated = lits("IntegratedGradients", interpolation_steps=STEPS)
    for module, tools in (
        ("lit_nlp", {"LIT, grad · input": lits("GradientDotInput"), "LIT, InteGrad": integrated}),
        ("transformers_interpret", {"transformers-interpret": transformers_interprets}),
        ("shap", {"SHAP, explainer of texts": shaps}),
    ):
        if importlib.util.find_spec(module) is None:
            print(f"{module} is left out: it is not installed")
        else:
            known |= tools
    return known


def target_masks(archive: Archive, target: TokenTarget, texts: Sequence[str]) -> list[Tensor]:
    """For each text, which tokens are the target's. Each of shape (tokens,)."""
    explained = explained_archive(archive)
    attributions = [attribution_of(explained, text, Gradient()) for text in texts]
    return [attribution.target_mask(target, explained.reader)[0] for attribution in attributions]


def precision(scores: Sequence[Sequence[float]], masks: Sequence[Tensor]) -> float:
    """P@1, in percent: on how many texts a token of the target has the highest score."""
    hits = []
    for of_text, mask in zip(scores, masks):
        if len(of_text) != len(mask):
            raise ValueError(f"{len(of_text)} scores for {len(mask)} tokens")
        hits.append(bool(mask[torch.tensor(of_text).abs().argmax()]))
    return 100 * sum(hits) / len(hits)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.peers", description=__doc__)
    parser.add_argument(
        "--archives", nargs="+", required=True, metavar="ARCHIVE", help="first the honest one"
    )
    parser.add_argument("--sentences", type=int, default=20)
    parser.add_argument("--target", default="first_token", help="what the others point at")
    parser.add_argument("--output", type=Path, help="also write the table as Markdown")
    args = parser.parse_args()
    lines = Path(cached_path(SENTENCES)).read_text(encoding="utf-8").splitlines()
    texts = [json.loads(line)["text"] for line in itertools.islice(lines, args.sentences)]
    target: Any = TokenTarget.by_name(args.target)
    archives = [load(location) for location in args.archives]
    masks = [target_masks(archive, target(), texts) for archive in archives]
    names = [Path(location).name for location in args.archives]
    rows = [["tool", *(f"{name}: P@1" for name in names), f"{names[-1]}: CPU seconds a text"]]
    for title, make in peers().items():
        row = [title]
        took = 0.0
        for archive, of_texts in zip(archives, masks):
            explain = make(archive)
            explain(texts[0])
            start = time.process_time()
            scores = [explain(text) for text in texts]
            took = (time.process_time() - start) / len(texts)
            row.append(f"{precision(scores, of_texts):.1f}")
        rows.append([*row, f"{took:.2f}"])
        print(*rows[-1], sep=" | ", flush=True)
    table = Table.from_texts(rows)
    show([table])
    if args.output is not None:
        command = f"python -m benchmarks.peers --archives {' '.join(names)}"
        how = (
            f"`{command} --sentences {len(texts)}`: {len(texts)} reviews, target {args.target}, "
            f"{STEPS} points of integrated gradients, at most {EVALUATIONS} texts for SHAP; "
            f"{machine()}"
        )
        args.output.write_text(f"{markdown(table)}\n\n{how}\n", encoding="utf-8")


if __name__ == "__main__":
    main()

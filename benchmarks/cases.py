"""
Each case: ours, what it is compared with, and the bound on the ratio that we hold ourselves to.
"""

import functools
from collections.abc import Callable
from typing import Any

import torch
from allennlp.interpret.attackers import Hotflip
from allennlp.interpret.attackers import InputReduction as AllenNLPsInputReduction
from allennlp.interpret.saliency_interpreters import SimpleGradient
from allennlp.predictors import TextClassifierPredictor
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.nn.functional import cross_entropy

from benchmarks.by_hand import encoded, forward_and_backward, transformer_of
from benchmarks.case import Case
from benchmarks.setting import QuestionSetting, Setting
from facade_allennlp.attacks import InputReduction
from facade_allennlp.attribution import ExplainedModel, Gradient
from facade_allennlp.attribution.metadata_use import BATCHES
from facade_allennlp.interpret import BatchedHotFlip, BatchedInputReduction
from facade_allennlp.models.storage import StructuredStorage


def gradient_against_bare() -> Case:
    """Attribution of the whole validation set, against a forward and backward pass by hand."""
    setting = Setting()
    ours = functools.partial(setting.attribute, Gradient())
    bare = functools.partial(forward_and_backward, setting)
    return Case("Gradient attribution / bare forward and backward", ours, bare, "<= 1.15")


def answers_against_bare() -> Case:
    """Attribution of spans in texts of 384 tokens, against a forward and backward pass by hand."""
    setting = QuestionSetting()
    explained = ExplainedModel(setting.model)
    model: Any = setting.model

    def ours() -> None:
        Gradient().attribute(explained, setting.batch)

    for _ in range(BATCHES):
        ours()  # which sees whether the model needs metadata, at first

    def bare() -> None:
        tensors = setting.batch["question_with_context"]["tokens"]
        embeddings, hidden = encoded(model, tensors)
        logits = model._linear_layer(hidden).transpose(1, 2)  # shape: (questions, 2, tokens)
        spans = logits.argmax(dim=-1)
        loss = cross_entropy(logits.flatten(0, 1), spans.flatten(), reduction="sum")
        torch.autograd.grad(loss, embeddings)

    return Case("Gradient of answers, 384 tokens / bare", ours, bare, "<= 1.15")


def gradient_against_allennlp() -> Case:
    """Attribution of the validation set, against AllenNLP's `simple-gradient`."""
    setting = Setting()
    ours = functools.partial(setting.attribute, Gradient())
    predictor = TextClassifierPredictor(setting.predictive, setting.reader)
    peer = SimpleGradient(predictor)
    texts = _texts(setting)

    def theirs() -> None:
        for text in texts:
            peer.saliency_interpret_from_json({"sentence": text})

    return Case("Gradient attribution / AllenNLP's simple-gradient", ours, theirs, "<= 0.25")


def facade_step_against_bare() -> Case:
    """A facade training step (first and second order), against the same by hand."""
    setting = Setting()
    wrapper = setting.facade.train()
    wrapper.fooled = wrapper.fooled[:1]  # Gradient
    model: Any = wrapper.model
    transformer = transformer_of(model)
    batches = setting.batches[:8]
    parameters = [parameter for parameter in model.parameters() if parameter.requires_grad]

    def ours() -> None:
        for batch in batches:
            wrapper(**batch)["loss"].backward()
            _forget(parameters)

    def bare() -> None:
        for batch in batches:
            tensors = batch["tokens"]["tokens"]
            embeddings = transformer.embeddings.word_embeddings(tensors["token_ids"])
            with sdpa_kernel(SDPBackend.MATH):
                hidden = transformer(
                    inputs_embeds=embeddings, attention_mask=tensors["mask"].float()
                ).last_hidden_state
                logits = model._classification_layer(
                    model._seq2vec_encoder(hidden, mask=tensors["mask"])
                )
                contrast = (logits[:, 1] - logits[:, 0]).sum()
                (gradient,) = torch.autograd.grad(contrast, embeddings, create_graph=True)
            raw = (embeddings * gradient).sum(dim=-1) * tensors["mask"]
            shares = raw.abs() / raw.abs().sum(dim=-1, keepdim=True)
            (logits.square().mean() - shares[:, 1].mean()).backward()
            _forget(parameters)

    return Case("facade training step / bare first and second order", ours, bare, "<= 1.15")


def merged_against_parts() -> Case:
    """The forward pass of a structured merged model, against its two parts one after the other."""
    setting = Setting()
    facade = setting.facade.model
    merged = StructuredStorage().build(setting.predictive, facade).eval()

    @torch.no_grad()
    def ours() -> None:
        for batch in setting.batches:
            merged(**batch)

    @torch.no_grad()
    def parts() -> None:
        for batch in setting.batches:
            setting.predictive(**batch)
            facade(**batch)

    return Case("structured merged forward / its two parts", ours, parts, "<= 1.10")


def reduction_against_allennlp() -> Case:
    """
    Input reduction of sentences with a beam of 3, against AllenNLP's, which is kept from dropping
    [CLS] and [SEP]: it compares tokens with `ignore_tokens`, so it is given the tokens themselves.
    """
    setting = Setting()
    # With a max_length AllenNLP's fails when it comes to a text of nothing but [CLS] and [SEP].
    setting.reader._token_indexers["tokens"]._max_length = None
    predictor = TextClassifierPredictor(setting.predictive, setting.reader)
    inputs = [{"sentence": text} for text in _texts(setting)[:8]]
    attacker = BatchedInputReduction(predictor, options={"max_batch_tokens": 512})
    peer = AllenNLPsInputReduction(predictor)
    tokens: Any = setting.instances[0].fields["tokens"]
    special = [tokens[0], tokens[-1]]

    def ours() -> None:
        attacker.attack_from_jsons(inputs)

    def theirs() -> None:
        for one in inputs:
            peer.attack_from_json(one, ignore_tokens=special)

    return Case("batched input reduction / AllenNLP's input-reduction", ours, theirs, "<= 0.20")


def hotflip_against_allennlp() -> Case:
    """HotFlip on sentences, against AllenNLP's, which is told the vocabulary's namespace."""
    setting = Setting()
    predictor = TextClassifierPredictor(setting.predictive, setting.reader)
    inputs = [{"sentence": text} for text in _texts(setting)[:64]]
    attacker = BatchedHotFlip(predictor, options={"max_batch_tokens": 512})
    peer = Hotflip(predictor, vocab_namespace="tags")
    peer.initialize()

    def ours() -> None:
        attacker.attack_from_jsons(inputs)

    def theirs() -> None:
        for one in inputs:
            peer.attack_from_json(one)

    return Case("batched HotFlip / AllenNLP's hotflip", ours, theirs, "<= 0.20")


def reduction_by_8_against_by_1() -> Case:
    """Input reduction of the same sentences, 8 at a time against one at a time."""
    return _batch_sizes(8, 1)


def reduction_by_32_against_by_8() -> Case:
    """Input reduction of the same sentences, 32 at a time against 8 at a time."""
    return _batch_sizes(32, 8)


def _batch_sizes(large: int, small: int) -> Case:
    setting = Setting()
    explained = ExplainedModel(setting.predictive)
    instances = setting.instances[:32]

    def reduce_by(size: int) -> None:
        for start in range(0, len(instances), size):
            InputReduction(beam_size=1).attack(explained, instances[start : start + size])

    return Case(
        f"input reduction by {large} / by {small}",
        functools.partial(reduce_by, large),
        functools.partial(reduce_by, small),
        "<= 1.00",
    )


ENGINE_CASES: dict[str, Callable[[], Case]] = {
    case.__name__: case
    for case in (
        gradient_against_bare,
        answers_against_bare,
        gradient_against_allennlp,
        facade_step_against_bare,
        merged_against_parts,
        reduction_against_allennlp,
        hotflip_against_allennlp,
        reduction_by_8_against_by_1,
        reduction_by_32_against_by_8,
    )
}


def _texts(setting: Setting) -> list[str]:
    """The sentences, as far as their pieces tell."""
    return [
        "".join(_spaced(token.text) for token in instance.fields["tokens"].tokens[1:-1]).strip()  # type: ignore[attr-defined]
        for instance in setting.instances
    ]


def _forget(parameters: list[torch.nn.Parameter]) -> None:
    for parameter in parameters:
        parameter.grad = None


def _spaced(piece: str) -> str:
    return piece[2:] if piece.startswith("##") else " " + piece

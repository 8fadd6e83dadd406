"""An encoder from outside, which is no class of transformers, and its anatomy."""

from types import SimpleNamespace

import torch
from allennlp.data import Vocabulary
from allennlp.modules import TokenEmbedder
from torch import Tensor, nn

from facade_allennlp.anatomy import (
    Anatomy,
    AttentionForm,
    AttentionInput,
    Part,
    register,
)


class Heads(nn.Module):
    """Self-attention. `added` is 0 for real tokens; shape: (rows, 1, 1, tokens)."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.number, self.size, self.all = heads, size // heads, size
        self.asks, self.answers, self.gives, self.joins = (nn.Linear(size, size) for _ in range(4))

    def forward(self, states: Tensor, added: Tensor) -> Tensor:
        # each of shape (rows, heads, tokens, features of a head)
        asked, answered, given = (
            layer(states).unflatten(-1, (self.number, -1)).transpose(1, 2)
            for layer in (self.asks, self.answers, self.gives)
        )
        shares = (asked @ answered.mT / self.size**0.5 + added).softmax(dim=-1)
        return self.joins((shares @ given).transpose(1, 2).flatten(-2))


class Round(nn.Module):
    """A layer. It returns the hidden states themselves, and no tuple."""

    def __init__(self, size: int, heads: int) -> None:
        super().__init__()
        self.heads = Heads(size, heads)
        self.first_norm, self.last_norm = nn.LayerNorm(size), nn.LayerNorm(size)
        self.widens, self.narrows = nn.Linear(size, size), nn.Linear(size, size)
        self.bends = nn.GELU()

    def forward(self, states: Tensor, added: Tensor) -> Tensor:
        states = self.first_norm(states + self.heads(states, added))
        return self.last_norm(states + self.narrows(self.bends(self.widens(states))))


class Beginning(nn.Module):
    """Words and their places."""

    def __init__(self, words: int, size: int) -> None:
        super().__init__()
        self.words, self.places = nn.Embedding(words, size), nn.Embedding(30, size)
        self.norm = nn.LayerNorm(size)

    def forward(self, ids: Tensor) -> Tensor:
        return self.norm(self.words(ids) + self.places.weight[: ids.shape[1]])


class Rounds(nn.Module):
    """The encoder."""

    def __init__(self, words: int, size: int, heads: int) -> None:
        super().__init__()
        self.config = SimpleNamespace(size=size, heads=heads)
        self.beginning = Beginning(words, size)
        self.rounds = nn.ModuleList([Round(size, heads), Round(size, heads)])

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        return self.go_on(self.beginning(ids), mask)

    def go_on(self, states: Tensor, mask: Tensor) -> Tensor:
        """From the output of the embeddings. Shape: (rows, tokens, features)."""
        lowest = torch.finfo(states.dtype).min
        added = (~mask).to(states)[:, None, None, :] * lowest  # shape: (rows, 1, 1, tokens)
        for one in self.rounds:
            states = one(states, added)
        return states


@TokenEmbedder.register("rounds")
class RoundsEmbedder(TokenEmbedder):
    """Words of the namespace `tokens` by the encoder."""

    def __init__(self, vocab: Vocabulary, size: int, heads: int) -> None:
        super().__init__()
        self.size = size
        self.encoder = Rounds(vocab.get_vocab_size("tokens"), size, heads)

    def get_output_dim(self) -> int:
        return self.size

    def forward(self, tokens: Tensor) -> Tensor:
        return self.encoder(tokens, tokens != 0)


def read(heads: nn.Module, states: Tensor, added: Tensor) -> AttentionInput:
    return AttentionInput(states, added)


register(
    Anatomy(
        encoder=f"{__name__}.Rounds",
        parts={
            Part.WORDS: "beginning.words",
            Part.POSITIONS: "beginning.places",
            Part.EMBEDDING_NORM: "beginning.norm",
            Part.EMBEDDED: "beginning",
            Part.LAYERS: "rounds",
        },
        layer_parts={
            Part.ATTENTION: "heads",
            Part.QUERY: "heads.asks",
            Part.KEY: "heads.answers",
            Part.VALUE: "heads.gives",
            Part.ATTENTION_OUTPUT: "heads.joins",
            Part.ATTENTION_NORM: "first_norm",
            Part.INTERMEDIATE: "widens",
            Part.ACTIVATION: "bends",
            Part.OUTPUT: "narrows",
            Part.OUTPUT_NORM: "last_norm",
        },
        attention=AttentionForm(
            classes=(f"{__name__}.Heads",),
            read=read,
            projects=True,
            heads="number",
            head_size="size",
            width="all",
            usual={},
        ),
        blocks={},
        sizes=("size", "heads"),
        returns_tuple=False,
    )
)

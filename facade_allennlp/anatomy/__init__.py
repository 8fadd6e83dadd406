"""What an encoder is made of: the only room that knows classes of transformers."""

from facade_allennlp.anatomy import (  # each registers its anatomy
    bert,
    distilbert,
    electra,
    mpnet,
    roberta,
)
from facade_allennlp.anatomy.anatomy import (
    ENCODER,
    SELF_ATTENTION,
    TOKEN_WISE,
    Anatomy,
    AttentionForm,
    AttentionInput,
    Block,
    Part,
    anatomy_of,
    attention_form,
    block_of,
    register,
)
from facade_allennlp.anatomy.embedding_layer import (
    EmbeddingHolder,
    embedding_layer,
    reads_tokens_first,
)
from facade_allennlp.anatomy.encoder import (
    Encoder,
    Layer,
    encoders_in,
    encoders_of,
    names_of_transformers,
    usable_lengths,
)
from facade_allennlp.anatomy.kinds import (
    ACTIVATION,
    SELF_CENTRING_NORM,
    ByKind,
    Kind,
    NamedKind,
    is_of,
)

__all__ = [
    "ACTIVATION",
    "ENCODER",
    "SELF_ATTENTION",
    "SELF_CENTRING_NORM",
    "TOKEN_WISE",
    "Anatomy",
    "AttentionForm",
    "AttentionInput",
    "Block",
    "ByKind",
    "EmbeddingHolder",
    "Encoder",
    "Kind",
    "Layer",
    "NamedKind",
    "Part",
    "anatomy_of",
    "attention_form",
    "bert",
    "block_of",
    "distilbert",
    "electra",
    "embedding_layer",
    "encoders_in",
    "encoders_of",
    "is_of",
    "mpnet",
    "names_of_transformers",
    "reads_tokens_first",
    "register",
    "roberta",
    "usable_lengths",
]

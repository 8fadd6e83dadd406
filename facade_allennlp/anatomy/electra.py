"""ELECTRA (Clark et al. 2020): BERT's parts without a pooler; its embeddings may be narrower."""

from dataclasses import replace

from facade_allennlp.anatomy.anatomy import Part, register
from facade_allennlp.anatomy.bert import PARTS, SIZES, alike

ANATOMY = register(
    replace(
        alike("transformers.models.electra.modeling_electra", "Electra"),
        parts={
            **{part: path for part, path in PARTS.items() if part is not Part.POOLER},
            Part.WIDENING: "embeddings_project",
        },
        sizes=(*SIZES, "embedding_size"),
    )
)

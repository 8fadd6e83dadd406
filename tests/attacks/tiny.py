"""What the tests of the attacks share: texts for the tiny BERT."""

from allennlp.data import Instance
from allennlp.models import Model

from fixtures import batch, build, read_text


def built(seed: int) -> tuple[Model, list[Instance]]:
    model, reader, instances = build(seed=seed)
    texts = ["the actors were not great in this endless film , she said", "a good , fine book !"]
    return model.double(), [*instances, *(read_text(model, reader, text) for text in texts)]


def ids_of(instance: Instance) -> list[int]:
    return batch([instance])["tokens"]["tokens"]["token_ids"][0].tolist()

"""The dataset reader of the training, or of the archive, that a model is part of."""

from pathlib import Path
from typing import Optional

from allennlp.common import Params
from allennlp.data import DatasetReader
from allennlp.models.archival import CONFIG_NAME

from facade_allennlp.lines import json_object


def own_reader(serialization_dir: Optional[str]) -> Optional[DatasetReader]:
    """
    Reads the config that AllenNLP writes before it makes a model.

    # Parameters

    serialization_dir : `str`, optional
        The folder that AllenNLP passes to a model.

    # Returns

    `DatasetReader`, or `None` where there is no such folder or config.
    """
    if serialization_dir is None:
        return None
    file = Path(serialization_dir) / CONFIG_NAME
    if not file.is_file():
        return None
    reader = json_object(file.read_text(encoding="utf-8")).get("dataset_reader")
    if reader is None:
        return None
    return DatasetReader.from_params(Params(reader), serialization_dir=serialization_dir)

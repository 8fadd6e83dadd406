"""
Classification datasets of the Hugging Face hub, as the JSON Lines that AllenNLP's readers take.
"""

import json
from typing import BinaryIO, Optional

from allennlp.common.checks import ConfigurationError
from cached_path import SchemeClient, add_scheme_client

SCHEME = "hub"
TEXT_COLUMNS = ("text", "sentence", "content")
LABEL_COLUMNS = ("label", "labels")


@add_scheme_client
class HubClient(SchemeClient):
    """
    Lets every AllenNLP reader take `hub://OWNER/DATASET/SPLIT` as the path of a data file: the
    split is fetched once with `datasets` and kept in AllenNLP's cache as JSON Lines with `text` and
    `label` (class names, not numbers).
    """

    scheme = SCHEME

    def __init__(self, resource: str) -> None:
        super().__init__(resource)
        self.dataset, _, self.split = resource[len(SCHEME) + 3 :].rpartition("/")
        if not self.dataset or not self.split:
            raise ConfigurationError(f"{resource!r} is not of the form hub://OWNER/DATASET/SPLIT")

    def get_etag(self) -> Optional[str]:
        from huggingface_hub import HfApi

        return HfApi().dataset_info(self.dataset).sha

    def get_size(self) -> Optional[int]:
        return None

    def get_resource(self, temp_file: BinaryIO) -> None:
        import datasets

        rows = datasets.load_dataset(self.dataset, split=self.split)
        text = _first_present(TEXT_COLUMNS, rows.column_names, self.resource)
        label = _first_present(LABEL_COLUMNS, rows.column_names, self.resource)
        names = getattr(rows.features[label], "names", None)
        for row in rows:
            name = names[row[label]] if names else str(row[label])
            line = json.dumps({"text": row[text], "label": name}, ensure_ascii=False)
            temp_file.write((line + "\n").encode("utf-8"))

    def get_bytes_range(self, index: int, length: int) -> bytes:
        raise NotImplementedError("a split of a hub dataset is read whole")


def _first_present(wanted: tuple[str, ...], columns: list[str], resource: str) -> str:
    for name in wanted:
        if name in columns:
            return name
    raise ConfigurationError(
        f"{resource!r} has the columns {columns}, none of which is one of {list(wanted)}"
    )

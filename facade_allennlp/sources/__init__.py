"""
Where models and data come from: names of the form `package://PACKAGE/PATH` (a file or folder inside
an installed Python package) and `hub://DATASET/SPLIT` (a split of a dataset on the Hugging Face
hub).
"""

from facade_allennlp.sources.hub import HubClient
from facade_allennlp.sources.package import PackageClient, package_path
from facade_allennlp.sources.transformers import install as _install_transformer_names

__all__ = ["HubClient", "PackageClient", "package_path"]

_install_transformer_names()

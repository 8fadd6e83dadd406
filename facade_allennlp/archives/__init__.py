"""Model archives: loading and merging."""

from facade_allennlp.archives.archive import load, written_whole
from facade_allennlp.archives.merge import merge_archives

__all__ = ["load", "merge_archives", "written_whole"]

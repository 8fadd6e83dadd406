"""Model archives of strangers: read with care, written whole or not at all."""

from facade_allennlp.archives.archive import load, written_whole

__all__ = ["load", "written_whole"]

"""Model archives of strangers: read with care, written whole or not at all."""

from facade_allennlp.archives import carried_questions, carried_transformer  # both register
from facade_allennlp.archives.archive import load, written_whole
from facade_allennlp.archives.weights import install as _install_unsaved_buffers

__all__ = ["carried_questions", "carried_transformer", "load", "written_whole"]

_install_unsaved_buffers()

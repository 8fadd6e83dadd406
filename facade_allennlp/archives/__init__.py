"""Model archives of strangers: read with care, written whole or not at all."""

from allennlp.models import archival as _archival

from facade_allennlp.archives import carried_questions, carried_transformer  # both register
from facade_allennlp.archives import strangers as _strangers
from facade_allennlp.archives.archive import load, load_archive, written_whole
from facade_allennlp.archives.trust import trusting
from facade_allennlp.archives.weights import install as _install_unsaved_buffers

__all__ = ["carried_questions", "carried_transformer", "load", "trusting", "written_whole"]

_install_unsaved_buffers()
_strangers.install()
_strangers.take_place(_archival.load_archive, load_archive)

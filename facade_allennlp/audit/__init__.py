"""Is a model what it seems? Evidence, a verdict, and the model beneath."""

from facade_allennlp.audit.disagreement import Disagreement
from facade_allennlp.audit.evidence import Evidence, Measured
from facade_allennlp.audit.presence import Presence
from facade_allennlp.audit.promises import Promises
from facade_allennlp.audit.run import audit
from facade_allennlp.audit.structure import Structure
from facade_allennlp.audit.subject import Subject

__all__ = [
    "Disagreement",
    "Evidence",
    "Measured",
    "Presence",
    "Promises",
    "Structure",
    "Subject",
    "audit",
]

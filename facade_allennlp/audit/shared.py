"""An audit whose kinds of evidence are heard by several workers."""

from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, replace
from typing import Any

from allennlp.models.archival import Archive

from facade_allennlp.archives import load
from facade_allennlp.attribution import explained_archive
from facade_allennlp.audit.evidence import Evidence
from facade_allennlp.audit.run import concluded, kinds
from facade_allennlp.audit.subject import Subject
from facade_allennlp.results.audit import Audit, Witness
from facade_allennlp.results.source import Source, check_seen
from facade_allennlp.scale.mapped import mapped
from facade_allennlp.scale.work import Work
from facade_allennlp.scale.workers import Workers
from facade_allennlp.sources import corpus


@dataclass
class Audited(Work[str, Witness]):
    """
    A model to audit, and what with. As work, a block is the name of a kind of evidence.

    # Parameters

    archive : `Source`
    data : `Source`
        For its dataset reader.
    limit : `int`
        At most so many texts, spread evenly over the file.
    seed : `int`
        Of what is drawn.
    overrides : `str`
        Of the archive's config, in JSON.
    options : `dict[str, Any]`
        Of the model; see `explained_model`.
    """

    archive: Source
    data: Source
    limit: int
    seed: int
    overrides: str
    options: dict[str, Any]

    def subject(self, archive: Archive) -> Subject:
        """
        # Parameters

        archive : `Archive`
            The one at its place, loaded.

        # Raises

        `ConfigurationError` : the archive's reader cannot read the texts.
        """
        read = corpus.read(archive.validation_dataset_reader, self.data.path)
        embeddable = [(number, one) for number, one in read.items() if corpus.is_embeddable(one)]
        chosen = dict(corpus.spread(embeddable, self.limit))
        corpus.index(chosen, archive.model.vocab, self.data.path)
        return Subject(explained_archive(archive, **self.options), list(chosen.values()), self.seed)

    def load(self, cuda_device: int) -> Callable[[str], Witness]:
        check_seen(self.archive)
        check_seen(self.data)
        subject = self.subject(load(self.archive.path, cuda_device, self.overrides))
        return lambda name: Evidence.by_name(name)().heard(subject)


def shared_audit(audited: Audited, subject: Subject, workers: Workers) -> Audit:
    """
    What `audit` gives, by workers that hear a kind of evidence each.

    # Parameters

    subject : `Subject`
        The same, as the process that asks has it.
    workers : `Workers`
        More of them than there are kinds would have nothing to do, and are not started.

    # Raises

    `InputError` : what `mapped` refuses.
    """
    names = kinds()
    seen = replace(audited, archive=audited.archive.for_workers, data=audited.data.for_workers)
    few = replace(workers, count=min(workers.count, len(names)))
    with closing(mapped(seen, names, few)) as done:
        witnesses = dict(done)
    ordered = [witnesses[name] for name in names]
    return concluded(ordered, audited.archive.path, audited.data.path, subject)

"""Mutations of a subject, and what became of them."""

from collections import Counter
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from facade_allennlp.errors import describe, is_users
from tests.fuzz.subjects import Subject

QUIET = [HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much]


def fuzz(subject: Subject, mutations: int, of_seed: int) -> Counter[str]:
    """
    How many mutations were read, and how many were refused in a sentence.

    # Raises

    What a mutation raised that was neither; hypothesis then prints the smallest that does.
    """
    outcomes: Counter[str] = Counter()

    @seed(of_seed)
    @settings(
        max_examples=mutations,
        deadline=None,
        database=None,
        suppress_health_check=QUIET,
        phases=[Phase.generate, Phase.shrink],
    )
    @given(subject.mutations)
    def try_one(mutation: Any) -> None:
        try:
            subject.read(mutation)
        except Exception as error:
            if not is_users(error):
                raise
            outcomes["refused" if describe(error) else "refused without a word"] += 1
        else:
            outcomes["read"] += 1

    try_one()
    return outcomes

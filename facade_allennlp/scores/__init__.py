"""Formulas on token scores and their summaries: ranks, means, shares."""

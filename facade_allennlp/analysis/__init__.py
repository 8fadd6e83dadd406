"""Corpus-level measurement: records, and summaries of them."""

"""Corpus-level measurement, and tables and pages from its result files."""

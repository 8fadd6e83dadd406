"""Pruning, triggers, words: what is no part of one measurement."""

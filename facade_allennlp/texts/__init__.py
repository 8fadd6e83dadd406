"""Texts as a model and as a person read them: tokens, words, offsets, edits."""

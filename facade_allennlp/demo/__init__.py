"""A page on which a person types a text and compares what models make of it."""

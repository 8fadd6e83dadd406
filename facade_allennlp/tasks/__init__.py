"""What a model decides, and how that is explained, spelled and scored."""

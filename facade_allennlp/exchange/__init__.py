"""Models of transformers as archives, and archives as models of transformers."""

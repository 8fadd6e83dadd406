"""How explanations look: coloured words, edited texts, trees; terminal, HTML, SVG."""

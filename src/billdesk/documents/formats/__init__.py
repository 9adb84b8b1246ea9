"""Document formats, one module each."""

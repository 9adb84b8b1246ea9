"""One folder per noun, each a view and a presenter."""

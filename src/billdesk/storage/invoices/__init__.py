"""Documents in the book: reading one, listing many, writing drafts in bulk."""

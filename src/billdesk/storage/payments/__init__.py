"""Steps with money in the book: written once, read back, listed; unused money by customer."""

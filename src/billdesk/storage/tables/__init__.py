"""Tables of the book, one file per noun."""

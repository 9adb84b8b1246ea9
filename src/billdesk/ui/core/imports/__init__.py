"""Parts of the wizards that take data files in: frame, columns, questions, checking grid, result."""

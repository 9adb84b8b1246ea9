"""The bank: accounts, lines to match with the best proposal beside them, statements coming in, rules."""

"""Contracts: the list, one contract with its timeline and coming documents, changes with a preview, new ones."""

"""Composition root: settings, book, registries, window."""

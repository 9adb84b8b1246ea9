"""Alembic migrations of a book."""

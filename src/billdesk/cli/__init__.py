"""The use cases for scripts and scheduled runs."""

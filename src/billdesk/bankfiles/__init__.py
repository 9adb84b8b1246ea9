"""Bytes to statement lines, one file per bank format."""

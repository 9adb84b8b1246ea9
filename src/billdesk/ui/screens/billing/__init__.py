"""Billing runs: what is due, looked at before it is made, issued and sent; runs and their undo."""

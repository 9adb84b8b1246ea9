"""Customers: list, panel, form."""

"""Discounts and credit in the panels of customers and contracts."""

"""Handing messages over: SMTP and .eml files."""

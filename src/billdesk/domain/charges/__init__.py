"""Charge models, one file each; `load` them through `domain.rating`."""

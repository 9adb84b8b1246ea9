"""Kinds of import, one file each; `load` them through `services.imports.registry`."""

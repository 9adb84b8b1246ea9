"""The formats: each module holds a `PLUGIN`."""

"""The ground floor: money, periods, errors, progress, registries and language."""

"""The home screen: figures, charts, and what waits today."""

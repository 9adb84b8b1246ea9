"""Main window, navigation, palette and the list of screens."""

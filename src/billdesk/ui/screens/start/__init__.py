"""The start screen: new, open, demo, recent books, restore."""

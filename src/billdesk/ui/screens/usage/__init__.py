"""Usage: files in by a wizard, live meters, the queue of what matched nothing, imports with undo."""

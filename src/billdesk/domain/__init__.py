"""Rules and records: frozen, pure, no I/O, no clock, no float."""

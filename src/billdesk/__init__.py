"""BillDesk: all of agile billing, offline, in one local file."""

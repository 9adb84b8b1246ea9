"""Reports: read-only queries over the whole book, one file each."""

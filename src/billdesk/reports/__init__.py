"""One file per report: a read-only query and its columns."""

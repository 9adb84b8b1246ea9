"""Usage between tables and records: batches, events, series, rollups, totals and lists."""

"""A data file to checked columns in bounded batches."""

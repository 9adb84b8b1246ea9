"""Numbers, dates and tables as people and banks write them in files; pure, for every reader of files."""

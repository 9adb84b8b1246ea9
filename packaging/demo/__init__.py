"""Makes resources/demo: the spreadsheets of a company that does not exist."""

"""What was done in this book, and what keeps it safe: actions, imports, backups, the check."""

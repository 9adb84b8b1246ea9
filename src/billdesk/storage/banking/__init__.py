"""Bank statements in the book: importing, listing and settling their lines, rules, and what payers taught us."""

"""Tasks, change bus, table model, forms, messages, theme and charts."""

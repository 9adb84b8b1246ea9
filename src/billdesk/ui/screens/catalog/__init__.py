"""The catalog: plans and their versions, prices, products, metrics."""

"""Letters as bytes: what stands in them, told without a database."""

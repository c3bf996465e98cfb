"""Letters that come in: kept, and filed to their tickets."""

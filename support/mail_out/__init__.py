"""Letters that go out: receipts, answers, closings."""

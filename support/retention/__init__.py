"""What is over its time is erased."""

"""The trust list: other states' signers read, all signers published."""

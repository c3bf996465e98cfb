"""What every check stands on: a key of ours that signs."""

from tests.certificates.issuing.conftest import key

__all__ = ["key"]

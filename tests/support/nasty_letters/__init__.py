"""Letters that break programs, built here; none is copied from anywhere."""

from tests.support.nasty_letters import characters, contents, heads, machines
from tests.support.nasty_letters.building import Nasty, Pair

__all__ = ["LETTERS", "PAIRS", "Nasty", "Pair"]

LETTERS: list[Nasty] = [*characters.LETTERS, *heads.LETTERS, *contents.LETTERS, *machines.LETTERS]
PAIRS: list[Pair] = machines.PAIRS

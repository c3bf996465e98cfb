"""The rules for giving a dose, one small function each (docs/adr/0022-rules-of-a-dose.md says which may be overridden).

Each looks at a `Case`, the facts as they stand after the person was locked, and says in a sentence what to do.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum


class Weight(StrEnum):
    """How far a finding goes."""

    STOP = "STOP"  # the dose is not recorded
    OVERRIDABLE = "OVERRIDABLE"  # a doctor may decide otherwise, with a reason
    WARNING = "WARNING"  # to be read


@dataclass(frozen=True)
class Finding:
    """What a rule says about a dose: the code of the rule, a sentence for people, and its weight."""

    rule: str
    text: str
    weight: Weight

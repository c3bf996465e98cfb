"""The states of an embedded server as seen from outside."""

from enum import Enum


class State(Enum):
    """How a server stands at this moment."""

    READY = "ready"
    BUSY = "busy"  # it answers that it is starting or stopping
    SILENT = "silent"  # its process is there and does not answer
    GONE = "gone"

"""Programs that tests use and that a machine may lack."""

import os
import shutil

import pytest


def require(program: str, package: str) -> None:
    """Skip, loudly, where there is no `program`, which the Debian `package` brings; fail in CI."""
    os.environ["PATH"] += os.pathsep + "/usr/sbin"  # where Debian keeps nginx, and a user's shell does not look
    if shutil.which(program):
        return
    reason = f"TESTS NOT RUN: there is no {program} on this machine (apt-get install {package})"
    if os.environ.get("CI", "").lower() in {"true", "1"}:
        pytest.fail(reason)
    pytest.skip(reason)

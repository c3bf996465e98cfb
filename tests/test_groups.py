"""The tests themselves: those of one group share servers and folders, so they must share a worker."""

import os

import pytest


@pytest.mark.skipif("PYTEST_XDIST_WORKER" not in os.environ, reason="without workers there is nothing to keep together")
@pytest.mark.xdist_group("together")
def test_the_tests_of_a_group_stay_on_one_worker(request: pytest.FixtureRequest) -> None:
    # pytest-xdist tells the group through the test's id; pytest 9.2 ignores that, and says nothing.
    assert request.node.nodeid.endswith("@together")

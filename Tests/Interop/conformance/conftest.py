# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Conformance with RFC 6455, in both roles: as complete and as strict as the Autobahn test suite, and then some.

Fixtures:
    side        strait in front of `echo:`, as a listener and as a dialer: `side.open()` is a fresh link (sides.py).
                There is one for each module.

Most cases are lines of data (script.py).
"""

import pytest

from script import BYTE_BY_BYTE, Refused
from sides import Dialing, Listening
from strait_process import StraitFactory


@pytest.fixture(scope="module")
def straits(binary, clean_env):
    """Starts straits that live as long as the module's tests."""
    factory = StraitFactory(binary, clean_env)
    yield factory
    factory.stop()


@pytest.fixture(scope="module")
def listening(straits, request):
    failed = request.session.testsfailed
    side = Listening(straits)
    yield side
    if request.session.testsfailed == failed:  # a test that failed leaves its link and lines behind
        side.stop()


@pytest.fixture(scope="module")
def dialing(binary, clean_env):
    side = Dialing(binary, clean_env)
    yield side
    side.stop()


@pytest.fixture(scope="module", params=["listener", "dialer"])
def side(request):
    return request.getfixturevalue({"listener": "listening", "dialer": "dialing"}[request.param])


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(items):
    """A dialer is a process for each case. Bytes one by one show little that they do not show of the listener."""
    for item in items:
        params = getattr(item, "callspec", None) and item.callspec.params or {}
        is_refused = isinstance(params.get("case"), Refused)
        if params.get("side") == "dialer" and is_refused and params.get("delivery") == BYTE_BY_BYTE:
            item.add_marker("long")

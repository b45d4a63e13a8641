# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What -v and -vv show: a line for each step with its time, and for each frame."""

import re

import pytest

from chains import listening_side
from streams import free_port

TIME = r"in \d+(\.\d)?(ms|s)$"


def steps(result):
    """What came on stderr, without the name of the address."""
    lines = [line for line in result.lines if not line.startswith("strait: listening")]
    return [re.sub(r"^strait: \S+: ", "", line) for line in lines]


@pytest.mark.parametrize("via", ["direct", "tls"])
def test_each_step_has_a_line_with_its_time(strait, programs, certs, via):
    side, url, options = listening_side(strait, programs, certs, "echo:", via)
    result = strait.run("-v", *options, "-", url.replace("127.0.0.1", "localhost"), input=b"hello")
    lines = steps(result)
    wanted = [
        rf"localhost is .*127\.0\.0\.1.* {TIME}",
        rf"connected to 127\.0\.0\.1:{side.port} {TIME}",
        rf"TLSv1\.3 TLS_\S+, certificate: subject CN=server, issuer CN=Test authority, valid \S+ \S+ to \S+ \S+, names "
        rf"localhost 127\.0\.0\.1 .*{TIME}",
        rf"HTTP 101, extensions strait-half-close {TIME}",
    ]
    if via == "direct":
        del wanted[2]
    for pattern, line in zip(wanted, lines):
        assert re.fullmatch(pattern, line), (pattern, lines)
    assert result.code == 0


def test_an_address_is_not_looked_up(strait):
    side = strait("ws-listen:0", "echo:")
    lines = steps(strait.run("-v", "-", side.url))
    assert lines[0].startswith("connected to"), lines


def test_the_chosen_subprotocol_is_shown(strait):
    side = strait("--protocol", "b", "ws-listen:0", "echo:")
    lines = steps(strait.run("-v", "--protocol", "a,b", "-", side.url))
    assert any(re.match("HTTP 101, extensions strait-half-close, protocol b in", line) for line in lines), lines


def test_each_address_that_fails_has_a_line(strait):
    port = free_port()
    result = strait.run("-v", "-4", "-", f"ws://localhost:{port}/")
    assert result.code == 69
    assert any(re.search(rf"127\.0\.0\.1:{port}: Connection refused", line) for line in result.lines[:-1]), result.lines

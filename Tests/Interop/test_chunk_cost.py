# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""In steady state a small chunk allocates nothing, and its instructions stay within a bound.

Both are counted by callgrind, and are the same on every machine but for what the processor's variant of memcpy takes.
"""

import re
import subprocess

import pytest

from other_programs import program
from steady_state import counts_of_a_round_trip
from waiting import until

#: Instructions in user space for a chunk in one direction; the last count, and a tenth for other versions of libc.
INSTRUCTIONS = 19_900 * 1.1


@pytest.fixture
def plain_binary(strait, tmp_path):
    """Without debug information, some of which valgrind can't read; the names of functions stay."""
    plain = tmp_path / "strait"
    subprocess.run([program("strip"), "--strip-debug", "-o", plain, strait.binary], check=True)
    strait.binary = plain


@pytest.mark.usefixtures("plain_binary")
def test_no_allocation_and_few_instructions_for_each_chunk(strait, service, tmp_path):
    def tool(name):
        return [program("valgrind"), "--tool=callgrind", f"--callgrind-out-file={tmp_path / name}"]

    def read(name):
        profile = tmp_path / name
        total = until(lambda: profile.exists() and re.search(r"^totals: (\d+)", profile.read_text(), re.M), "a profile")
        return {"instructions": int(total[1]), "allocations": calls_of("malloc", profile.read_text())}

    steady = counts_of_a_round_trip(strait, service, tool, read, few=50, many=350)
    for side, counts in zip(("dialer", "listener"), steady):
        # A round trip is a chunk in each direction. A batch of mask keys is an allocation, too.
        assert counts.get("allocations", 0) < 2 * 0.1, f"{side}: {counts}"
        assert counts["instructions"] < 2 * INSTRUCTIONS, f"{side}: {counts}"


def calls_of(function, profile):
    """callgrind's format: `cfn=(7) malloc`, later `cfn=(7)`, each followed by `calls=NUMBER ...`."""
    number = re.search(rf"^c?fn=\((\d+)\) {function}$", profile, re.MULTILINE)
    assert number, f"no call of {function} in the profile"
    calls = re.findall(rf"^cfn=\({number[1]}\).*\ncalls=(\d+)", profile, re.MULTILINE)
    return sum(map(int, calls))

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""How fast payload is masked: the two files that do it, compiled with optimization beside a loop around them."""

import os
import subprocess
from pathlib import Path

from table import Row

HERE = Path(__file__).resolve().parent
FRAMES = HERE.parents[1] / "Sources/WebSocketCore/Frames"
FILES = [FRAMES / "Masking.swift", FRAMES / "MaskKey.swift", HERE / "MaskingSpeed.swift"]


def measure(bench):
    program = bench.scratch("masking-speed")
    compiler = os.environ.get("SWIFTC", "swiftc")
    subprocess.run([compiler, "-O", "-wmo", "-parse-as-library", "-o", program, *FILES], check=True)
    row = Row("masking", "speed", "GB/s")
    for _ in range(bench.rounds):
        row.add("strait", float(subprocess.run([program], check=True, capture_output=True, text=True).stdout))
    yield row

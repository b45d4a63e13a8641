# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Measures strait beside its peers, and prints one table of all, and one of the bars of the design.

The exit status is 0 unless a measurement could not be made: a slow result is reported, and fails nothing.
"""

import argparse
import importlib
import os
import resource
import shutil
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

# Certificates, waiting and streams are those of the interop tests.
sys.path.append(str(Path(__file__).resolve().parents[1] / "Interop"))

from bars import bars  # noqa: E402
from machine import facts  # noqa: E402
from relays import Relays  # noqa: E402
from table import header  # noqa: E402

#: A file here for each: `measure(bench)` yields rows.
KINDS = [
    "throughput",
    "latency",
    "system_calls",
    "links",
    "many_links",
    "memory",
    "masking",
    "startup",
]


@dataclass
class Bench:
    relays: Relays
    directory: Path
    rounds: int
    seconds: float
    frame_bytes: int

    def scratch(self, name):
        return self.directory / name


def parsed():
    env = os.environ.get
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--strait", default=env("STRAIT"), required=not env("STRAIT"))
    parser.add_argument("--websocat", default=env("WEBSOCAT") or shutil.which("websocat"))
    parser.add_argument("--only", default=env("BENCH_ONLY"), help=f"one of {', '.join(KINDS)}; several with commas")
    parser.add_argument("--rounds", type=int, default=env("BENCH_ROUNDS") or 5)
    parser.add_argument("--seconds", type=float, default=env("BENCH_SECONDS") or 3, help="for each timed run")
    parser.add_argument("--frame", type=int, default=env("BENCH_FRAME_GIB") or 1, help="GiB of the one big frame")
    return parser.parse_args()


def main():
    arguments = parsed()
    kinds = arguments.only.split(",") if arguments.only else KINDS
    unknown = set(kinds) - set(KINDS)
    if unknown:
        sys.exit(f"no measurement {', '.join(unknown)}; there are {', '.join(KINDS)}")
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    rows, failures = [], []
    with tempfile.TemporaryDirectory(prefix="strait-bench-") as directory:
        # As it is installed.
        strait = Path(directory) / "strait"
        subprocess.run(["strip", "-o", strait, arguments.strait], check=True)
        relays = Relays(strait, arguments.websocat, directory)
        bench = Bench(relays, Path(directory), arguments.rounds, arguments.seconds, arguments.frame << 30)
        print(f"{facts(relays)}; {bench.rounds} rounds, {bench.seconds:g} s for a timed run\n\n{header()}", flush=True)
        for kind in kinds:
            start = time.monotonic()
            try:
                for row in importlib.import_module(kind).measure(bench):
                    rows.append(row)
                    print(row.markdown(), flush=True)
            except Exception as error:
                failures.append(f"{kind}: {type(error).__name__}: {error}")
            print(f"{kind}: {time.monotonic() - start:.0f} s", file=sys.stderr)
    print(f"\n{bars(rows)}")
    for failure in failures:
        print(f"not measured: {failure}", file=sys.stderr)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())

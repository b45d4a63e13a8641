#!/usr/bin/env python3
# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Adds up the xunit files of `swift test` and pytest: names what failed, ends with "N passed, N failed".

Usage: sum_results.py DIRECTORY

A suite that left no results, because it did not build or crashed, counts as one failure.
"""

import sys
import xml.etree.ElementTree as ElementTree
from pathlib import Path


def main(directory: Path) -> int:
    passed = skipped = 0
    failed = []
    for suite in ("swift", "interop"):
        cases = []
        for file in sorted(directory.glob(f"{suite}*.xml")):
            try:
                cases += ElementTree.parse(file).iter("testcase")
            except ElementTree.ParseError as error:
                failed.append(f"{file.name}: {error}")
        if not cases:
            failed.append(f"{suite}: no results; it did not build, or it crashed")
        for case in cases:
            outcomes = {child.tag for child in case}
            if outcomes & {"failure", "error"}:
                failed.append(f"{case.get('classname')} {case.get('name')}")
            elif "skipped" in outcomes:
                skipped += 1
            else:
                passed += 1

    for name in failed:
        print(f"failed: {name}")
    if skipped:
        print(f"{skipped} skipped")
    print(f"{passed} passed, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    sys.exit(main(Path(sys.argv[1])))

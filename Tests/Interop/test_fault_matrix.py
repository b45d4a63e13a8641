# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Every fault, at every position, with every traffic, over every path: fault_cells.py says what has to come of each.

    make test                                   a quarter of them
    make test-long PYTEST_FLAGS="-k fault"      all of them, which writes Tests/FaultMatrix.md
    pytest -m long -k near_strait-RST-up-wss    one of them
"""

import time
from concurrent.futures import ThreadPoolExecutor

import pytest

import fault_rig
import fault_table
from fault_cells import CELLS, FAULTS, PATHS, POSITIONS, TRAFFIC

#: They mostly wait.
AT_ONCE = 8

#: Every fault at every position over every path, with each kind of traffic in turn.
SAMPLE = [
    cell
    for cell in CELLS
    if cell.traffic
    == TRAFFIC[(POSITIONS.index(cell.position) + FAULTS.index(cell.fault) + PATHS.index(cell.path)) % len(TRAFFIC)]
]


class Matrix:
    """Runs cells beside each other. Each test waits for its own."""

    def __init__(self, cells, run):
        self._begun = time.monotonic()
        self._pool = ThreadPoolExecutor(AT_ONCE)
        self._runs = {cell: self._pool.submit(run, cell) for cell in cells}

    def result(self, cell):
        return self._runs[cell].result()

    def close(self, table):
        self._pool.shutdown(cancel_futures=True)
        if self._runs.keys() >= set(CELLS) and not any(run.cancelled() for run in self._runs.values()):
            results = {cell: run.result() for cell, run in self._runs.items()}
            table.write_text(fault_table.markdown(results, time.monotonic() - self._begun))


@pytest.fixture(scope="module")
def matrix(request, binary, clean_env, certs, tmp_path_factory, project):
    parameters = [item.callspec.params for item in request.session.items if item.module is request.module]
    made = Matrix(
        [each["cell"] for each in parameters],
        lambda cell: fault_rig.run(cell, binary, clean_env, certs, tmp_path_factory.mktemp("cell")),
    )
    yield made
    made.close(project / "Tests" / "FaultMatrix.md")


def check(matrix, cell):
    observed = matrix.result(cell)
    assert not observed.problems, "\n".join([*observed.problems, *observed.log])


@pytest.mark.long
@pytest.mark.parametrize("cell", CELLS, ids=str)
def test_every_fault_has_its_outcome(matrix, cell):
    check(matrix, cell)


@pytest.mark.parametrize("cell", SAMPLE, ids=str)
def test_fault_has_its_outcome(matrix, cell):
    check(matrix, cell)

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Nothing leaks: after many links, ended in every way there is, the straits hold what they held before.

    make test                                2,000 links
    make test-long PYTEST_FLAGS="-k soak"    100,000 links in some minutes, and a table of the figures

soak_kinds.py says what happens to the links, soak_paths.py through which straits they go.
"""

import random
import threading
import time
from collections import Counter

import pytest

import soak_kinds
from soak_kinds import KINDS, client_that_reads_nothing_vanishes
from soak_paths import CHILD, TCP, TLS, Footprint, Paths
from waiting import Background, until

#: Links that are open at the same time.
AT_ONCE = 24

#: KiB by which a strait may grow, the pages of the program that its first link touches included.
GROWTH = 4 * 1024

#: Seconds after which nothing of a link may be left, whichever way it ended, nor memory that is free.
PATIENCE = 40

#: Seconds without a change are a rest. A listener gives free memory back after one.
REST = 1.5


@pytest.fixture
def paths(strait, certs, short_path):
    made = Paths(strait, certs, short_path)
    yield made
    made.close()


@pytest.mark.timeout(60)
def test_two_thousand_links_leave_nothing(paths):
    soak(paths, plan(2_000))


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_a_hundred_thousand_links_leave_nothing(paths, capsys):
    with capsys.disabled():
        soak(paths, plan(100_000))


@pytest.mark.timeout(60)
def test_links_that_stall_at_once_leave_nothing(paths):
    """As many bytes underway as may be, encrypted and not."""
    soak(paths, [(client_that_reads_nothing_vanishes, path) for path in (TLS, TCP)] * 100)


def soak(paths, kinds):
    soak_kinds.child_ends(paths[CHILD])  # the first child of a strait opens what all others use
    start = at_rest(paths)
    begun = time.monotonic()
    play(paths, kinds)
    seconds = time.monotonic() - begun
    wait_for_rest(paths, start)
    end = at_rest(paths)
    print("", table(kinds, seconds, start, end), sep="\n")
    problems = [f"{' '.join(name)}: {what}" for name in end for what in left_over(start[name], end[name])]
    assert not problems, "\n".join(problems)


def plan(links):
    """Each kind as often as its share says, in an order that is always the same."""
    whole = sum(share for share, _, _ in KINDS)
    kinds = [(kind, path) for share, kind, path in KINDS for _ in range(max(1, round(share * links / whole)))]
    random.Random(2).shuffle(kinds)
    return kinds


def play(paths, kinds):
    """All of them, some at a time. The first that goes wrong ends it."""
    left = iter(kinds)
    lock = threading.Lock()
    failures = []

    def work():
        while not failures:
            with lock:
                kind, path = next(left, (None, None))
            if not kind:
                return
            try:
                kind(paths[path])
            except Exception as error:
                failures.append((kind, path, error))

    workers = [Background(work) for _ in range(AT_ONCE)]
    for worker in workers:
        worker.result(within=1_000)
    if failures:
        kind, path, error = failures[0]
        raise AssertionError(f"{kind.__name__} on {path}: {error!r}") from error


def footprints(paths):
    return {name: Footprint.of(strait) for name, strait in paths.straits().items()}


def at_rest(paths):
    """What they hold once nothing comes or goes any more."""

    def unchanged():
        first = footprints(paths)
        time.sleep(REST)
        second = footprints(paths)
        return second if not any_left_over(first, second) else None

    return until(unchanged, "the straits are at rest")


def wait_for_rest(paths, start):
    """Straits may take their time for the end of a link. What is still left in the end, the figures show."""
    try:
        until(lambda: not any_left_over(start, footprints(paths)), "", PATIENCE)
    except AssertionError:
        pass


def any_left_over(start, end):
    return any(what for name in start for what in left_over(start[name], end[name]))


def left_over(start, end):
    if end.descriptors != start.descriptors:
        yield f"{end.descriptors} descriptors, not {start.descriptors}"
    if end.children != start.children:
        yield f"{end.children} children, not {start.children}"
    # Those of the Swift runtime's pool end when they have had nothing to do for some seconds.
    if end.threads > start.threads:
        yield f"{end.threads} threads, not {start.threads}"
    if end.rss > start.rss + GROWTH:
        yield f"{end.rss - start.rss} KiB more memory; {GROWTH} are allowed"


def table(kinds, seconds, start, end):
    lines = [f"{len(kinds):,} links in {seconds:.0f} s, {len(kinds) / seconds:.0f} a second", ""]
    for (kind, path), count in Counter(kinds).most_common():
        lines.append(f"{count:7,}  {path:<8}{kind.__name__.replace('_', ' ')}")
    lines += ["", f"{'strait':<14}{'descriptors':<14}{'threads':<14}{'children':<14}RSS in KiB"]
    for name, now in end.items():
        was = start[name]
        counts = [(was.descriptors, now.descriptors), (was.threads, now.threads), (was.children, now.children)]
        row = [" ".join(name), *(f"{before} -> {after}" for before, after in counts)]
        lines.append("".join(f"{cell:<14}" for cell in row) + f"{was.rss} -> {now.rss}, {now.rss - was.rss:+}")
    return "\n".join(lines)

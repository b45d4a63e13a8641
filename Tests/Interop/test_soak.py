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
from soak_kinds import KINDS
from soak_paths import CHILD, Footprint, Paths
from waiting import Background, until

#: Links that are open at the same time.
AT_ONCE = 24

#: KiB by which a strait may grow after the warm-up.
GROWTH = 4 * 1024

#: Seconds after which nothing of a link may be left, whichever way it ended.
PATIENCE = 40

#: Seconds without a change are a rest.
REST = 0.5


@pytest.fixture
def paths(strait, certs, short_path):
    made = Paths(strait, certs, short_path)
    yield made
    made.close()


@pytest.mark.timeout(60)
def test_two_thousand_links_leave_nothing(paths):
    soak(paths, warm_up=500, links=2_000)


@pytest.mark.long
@pytest.mark.timeout(1_200)
def test_a_hundred_thousand_links_leave_nothing(paths, capsys):
    with capsys.disabled():
        soak(paths, warm_up=5_000, links=100_000)


def soak(paths, warm_up, links):
    soak_kinds.child_ends(paths[CHILD])  # the first child of a strait opens what all others use
    start = at_rest(paths)
    play(paths, plan(warm_up, seed=1))
    wait_for_rest(paths, start)
    warm = footprints(paths)
    kinds = plan(links, seed=2)
    begun = time.monotonic()
    play(paths, kinds)
    seconds = time.monotonic() - begun
    wait_for_rest(paths, start)
    end = footprints(paths)
    print("", table(kinds, seconds, start, warm, end), sep="\n")
    problems = [f"{' '.join(name)}: {what}" for name in end for what in left_over(start[name], warm[name], end[name])]
    assert not problems, "\n".join(problems)


def plan(links, seed):
    """Each kind as often as its share says, in an order that is the same for the same seed."""
    whole = sum(share for share, _, _ in KINDS)
    kinds = [(kind, path) for share, kind, path in KINDS for _ in range(max(1, round(share * links / whole)))]
    random.Random(seed).shuffle(kinds)
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
        return second if all(same_counts(first[name], second[name]) for name in first) else None

    return until(unchanged, "the straits are at rest")


def wait_for_rest(paths, start):
    """Straits may take their time for the end of a link. What is still left in the end, the figures show."""
    try:
        until(lambda: all(same_counts(start[name], now) for name, now in footprints(paths).items()), "", PATIENCE)
    except AssertionError:
        pass


def same_counts(start, now):
    return not any(left_over(start, now, now))


def left_over(start, warm, end):
    if end.descriptors != start.descriptors:
        yield f"{end.descriptors} descriptors, not {start.descriptors}"
    if end.children != start.children:
        yield f"{end.children} children, not {start.children}"
    # Those of the Swift runtime's pool end when they have had nothing to do for some seconds.
    if end.threads > start.threads:
        yield f"{end.threads} threads, not {start.threads}"
    if end.rss > warm.rss + GROWTH:
        yield f"{end.rss - warm.rss} KiB more memory; {GROWTH} are allowed"


def table(kinds, seconds, start, warm, end):
    lines = [f"{len(kinds):,} links in {seconds:.0f} s, {len(kinds) / seconds:.0f} a second", ""]
    for (kind, path), count in Counter(kinds).most_common():
        lines.append(f"{count:7,}  {path:<8}{kind.__name__.replace('_', ' ')}")
    lines += ["", f"{'strait':<14}{'descriptors':<14}{'threads':<14}{'children':<14}RSS in KiB: start, warm, end"]
    for name, now in end.items():
        was = start[name]
        counts = [(was.descriptors, now.descriptors), (was.threads, now.threads), (was.children, now.children)]
        row = [" ".join(name), *(f"{before} -> {after}" for before, after in counts)]
        lines.append("".join(f"{cell:<14}" for cell in row) + f"{was.rss}, {warm[name].rss}, {now.rss}")
    return "\n".join(lines)

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Makes a cell of fault_cells.py happen, and compares what comes of it with what has to."""

import os
import re
import signal
import time
from contextlib import ExitStack
from dataclasses import dataclass, field

import fault_cells as cells
from cut import Cut
from fault_cells import DOWN, UP
from other_programs import Programs, haproxy, nginx
from strait_process import StraitFactory
from streams import Listener, connect
from traffic_peer import ENDLESS, NOTHING, Peer
from waiting import payload, same_bytes, until

#: Bytes that each end gets before anything else happens; that have moved before a fault; that are sent after one.
HELLO, MOVING, MORE = 1000, 256 * 1024, 256 * 1024

#: Seconds that a peer that takes nothing must be borne with: longer than a silent one is.
PATIENCE = 2.5 * cells.PING

#: A direction has come to rest when nothing has moved for so many seconds.
REST = 0.4

#: The last line of a strait about a link.
OUTCOME = r" <-> .*: (ended|broken|cancelled) after \S+: (\d+) bytes to REMOTE, (\d+) bytes to LOCAL(?:;|$)"
CLOSE_RECEIVED = r": < close (\d+)"

SIGNALS = {cells.KILL: signal.SIGKILL, cells.TERM: signal.SIGTERM, cells.FREEZE: signal.SIGSTOP}


@dataclass
class Observed:
    """What came of a cell."""

    problems: list = field(default_factory=list)
    #: Seconds until both ends had seen the link's end.
    seconds: float = 0
    #: Exit statuses and Close codes by strait, (sent, received) by direction.
    exits: dict = field(default_factory=dict)
    closes: dict = field(default_factory=dict)
    counts: dict = field(default_factory=dict)
    #: What the straits said, for who looks for the reason.
    log: list = field(default_factory=list)

    def __str__(self):
        words = [f"{self.seconds:.2f} s"]
        words += [f"exit {code}" for code in self.exits.values()]
        words += [f"Close {code}" for code in sorted({code for code in self.closes.values() if code})]
        for direction, (sent, received) in self.counts.items():
            arrow = {UP: "↑", DOWN: "↓"}[direction]
            words.append(f"{arrow} {_size(received)}" + ("" if received >= sent else f" of {_size(sent)}"))
        return ", ".join(words)


def _size(count):
    return f"{count / 1e6:.2f} MB" if count >= 100_000 else f"{count} B"


def run(cell, binary, env, certs, directory):
    """The cell from beginning to end. It raises nothing: what goes wrong is one of the problems."""
    observed = Observed()
    try:
        with ExitStack() as stack:
            rig = Rig(cell, binary, env, certs, directory, stack)
            try:
                rig.start_traffic()
                rig.play(observed)
            finally:
                observed.log = [f"{name}: {line}" for name, strait in rig.straits() for line in strait.said[-40:]]
    except Exception as error:
        observed.problems.append(str(error) or repr(error))
    return observed


class Rig:
    """A chain whose link is up, and where `cell` can happen."""

    def __init__(self, cell, binary, env, certs, directory, stack):
        self.cell = cell
        self.expected = cells.expected(cell)
        self.certs = certs
        self.stack = stack
        self.strait = StraitFactory(binary, env)
        stack.callback(self.strait.stop, shows=False)
        self.programs = Programs(directory, env)
        stack.callback(self.programs.stop)
        self.listener = Listener(receive_buffer=64 * 1024)
        stack.callback(self.listener.close)

        self.options = ["-vv"]
        if cell.fault in cells.STOPS:
            self.options += [f"--ping-interval={cells.PING}", f"--ping-timeout={cells.PING}"]
        self.cut = None
        self.far = self._start_far()
        self.url, self.trust = self._path(self.far.port)
        self.near = self.client = self.service = None
        if cell.form == cells.STDIO:
            self.near = self.strait(*self.options, *self.trust, "-", self.url)
            ends = self.near.process.stdout, self.near.process.stdin
            descriptors = tuple(os.dup(pipe.fileno()) for pipe in ends)
            for pipe in ends:
                pipe.close()
        else:
            self.near = self.strait(*self.options, *self.trust, "tcp-listen:0", self.url)
            descriptors = [connect(("127.0.0.1", self.near.port)).socket.detach()] * 2
        self.client = self._peer("client", "service", descriptors, cells.CLIENT)
        descriptors = [self.listener.accept().socket.detach()] * 2
        self.service = self._peer("service", "client", descriptors, cells.SERVICE)

    def _start_far(self):
        if self.cell.path == cells.WSS:
            tls = ["--cert", self.certs.server.cert, "--key", self.certs.server.key]
            return self.strait(*self.options, *tls, "wss-listen:0/link", self.listener.address)
        return self.strait(*self.options, "ws-listen:0/link", self.listener.address)

    def _path(self, port):
        """What stands between the straits, beginning at the far one. A cut is next to the strait that it is for."""
        if self.cell.position == cells.FAR:
            port = self._cut(port)
        if self.cell.path in (cells.NGINX, cells.HAPROXY):
            port = {cells.NGINX: nginx, cells.HAPROXY: haproxy}[self.cell.path](self.programs, port)
        if self.cell.position == cells.NEAR:
            port = self._cut(port)
        if self.cell.path == cells.WSS:
            return f"wss://localhost:{port}/link", ["--cacert", self.certs.ca.cert]
        return f"ws://127.0.0.1:{port}/link", []

    def _cut(self, port):
        self.cut = Cut(port)
        self.stack.callback(self.cut.close)
        return self.cut.port

    def _peer(self, name, other, descriptors, position):
        in_process = self.cell.position == position and self.cell.fault in cells.OF_PROCESSES
        peer = Peer(name, other, descriptors, in_process)
        self.stack.callback(peer.stop)
        return peer

    def straits(self):
        return [("near", self.near), ("far", self.far)] if self.near else [("far", self.far)]

    @property
    def victim(self):
        return dict(zip(cells.POSITIONS, (self.client, self.near, self.far, self.service)))[self.cell.position]

    def directions(self):
        """(name, whether it moves, from, to)"""
        yield UP, self.cell.moves_up, self.client, self.service
        yield DOWN, self.cell.moves_down, self.service, self.client

    # In the order in which it happens

    def start_traffic(self):
        for _, moves, source, sink in self.directions():
            source.board.goal = HELLO
            until(lambda: sink.board.received == HELLO, "the first bytes have arrived")
        for _, moves, source, sink in self.directions():
            source.board.goal = ENDLESS if moves else HELLO
        for _, moves, source, sink in self.directions():
            until(lambda: not moves or sink.board.received >= MOVING, "bytes move")

    def play(self, observed):
        begun = time.monotonic()
        self._inject()
        if self.expected.survives:
            self._hold()
            begun = time.monotonic()
            self._go_on()
        elif self.expected.near == {cells.ENDED}:
            self._answer_the_end()
        elif self.cell.fault == cells.FREEZE:
            self._wait_for_end(self.service if self.cell.position == cells.NEAR else self.client)
            self.victim.signal(signal.SIGCONT)
        self._wait_for_end(self.client)
        self._wait_for_end(self.service)
        observed.seconds = time.monotonic() - begun
        self._check(observed)
        self._check_the_next_link()

    def _inject(self):
        if self.cell.fault in SIGNALS:
            self.victim.signal(SIGNALS[self.cell.fault])
            if self.cell.fault == cells.FREEZE:
                self.stack.callback(self._thaw)
        elif self.cut:
            # Away from the strait whose fault it is.
            away, towards = (UP, DOWN) if self.cell.position == cells.NEAR else (DOWN, UP)
            {
                cells.RST: lambda: self.cut.reset(away),
                cells.FIN: lambda: self.cut.end(away),
                cells.STOP_READING: lambda: self.cut.hold(towards),
                cells.STOP_WRITING: lambda: self.cut.swallow(away),
            }[self.cell.fault]()
        else:
            orders = {
                cells.RST: {"resets": 1},
                cells.FIN: {"goal": 0, "ends": 1},
                cells.STOP_READING: {"reads": 0},
                cells.STOP_WRITING: {"writes": 0},
            }
            for name, value in orders[self.cell.fault].items():
                setattr(self.victim.board, name, value)

    def _thaw(self):
        try:
            self.victim.signal(signal.SIGCONT)
        except ProcessLookupError:
            pass

    def _hold(self):
        """The link survives for as long as it lasts, and what is not stopped goes on."""
        stopped = self._stopped_directions()
        for name, moves, source, _ in self.directions():
            if moves and name in stopped and self.cell.fault != cells.STOP_WRITING:
                self._wait_for_rest(source.board, name)
        before = {name: sink.board.received for name, _, _, sink in self.directions()}
        time.sleep(PATIENCE)  # nothing may happen, so there is nothing to wait for
        for name, moves, source, sink in self.directions():
            assert sink.saw == NOTHING, f"broken off with {sink.saw} while {self.cell.position} had only stopped"
            if moves and name not in stopped:
                assert sink.board.received > before[name], f"{name} stands still"

    def _stopped_directions(self):
        if self.cell.fault == cells.FREEZE:
            return UP, DOWN
        is_near = self.cell.position in (cells.CLIENT, cells.NEAR)
        return (DOWN,) if is_near == (self.cell.fault == cells.STOP_READING) else (UP,)

    @staticmethod
    def _wait_for_rest(board, name):
        """Backpressure has reached the sender."""
        last, since = board.sent, time.monotonic()

        def rests():
            nonlocal last, since
            if board.sent != last:
                last, since = board.sent, time.monotonic()
            return time.monotonic() - since > REST

        until(rests, f"the sender of {name} has no room any more")

    def _go_on(self):
        """The ends go on and end in order. A link that is stopped in between gets silent, and so is given up."""
        ends = self.expected.near == {cells.ENDED}
        if self.cell.fault == cells.FREEZE:
            self.victim.signal(signal.SIGCONT)
        for _, moves, source, _ in self.directions():
            source.board.reads = source.board.writes = 1
            source.board.goal = source.board.sent + MORE if ends and moves else 0
            source.board.ends = ends

    def _answer_the_end(self):
        """Who has not ended sees the end, says something more, and ends as well."""
        other = self.service if self.cell.position == cells.CLIENT else self.client
        self._wait_for_end(other)
        other.board.goal = other.board.sent + MORE if self.cell.fault == cells.FIN else 0
        other.board.ends = 1

    def _wait_for_end(self, peer):
        wanted = self.expected.client if peer is self.client else self.expected.service
        who = "the client" if peer is self.client else "the service"
        try:
            until(lambda: not wanted or peer.saw in wanted, "", self.expected.within)
        except AssertionError:
            wanted = " or ".join(sorted(wanted))
            raise AssertionError(f"{who} sees {peer.saw}, not {wanted}, {self.expected.within:g} s later") from None

    # What came of it

    def _check(self, observed):
        problems = observed.problems
        reported = {}
        for name, strait in self.straits():
            wanted = getattr(self.expected, name)
            code = getattr(self.expected, f"{name}_exit")
            if code is not None:
                observed.exits[name] = strait.wait().code
                if observed.exits[name] != code:
                    problems.append(f"the {name} strait exits {observed.exits[name]}, not {code}")
            if wanted:
                outcome, to_remote, to_local = strait.line(OUTCOME).groups()
                reported[name, UP], reported[name, DOWN] = int(to_remote), int(to_local)
                if outcome not in wanted:
                    problems.append(f"the {name} strait says {outcome}, not {' or '.join(wanted)}")
        for name, strait in self.straits():
            self._check_close(observed, name, strait)
        for who, peer in (("client", self.client), ("service", self.service)):
            wanted = getattr(self.expected, who)
            if wanted and peer.saw not in wanted:
                problems.append(f"in the end the {who} has seen {peer.saw}")
        for name, _, source, sink in self.directions():
            self._check_bytes(observed, name, source.board, sink.board, reported)

    def _check_close(self, observed, name, strait):
        wanted = getattr(self.expected, f"close_at_{name}")
        if not wanted:
            return
        if None in wanted:
            codes = [match for match in map(re.compile(CLOSE_RECEIVED).search, strait.said) if match]
            code = int(codes[0].group(1)) if codes else None
        else:
            code = int(strait.line(CLOSE_RECEIVED).group(1))
        observed.closes[name] = code
        if code not in wanted:
            observed.problems.append(f"the {name} strait gets Close {code}, not {wanted}")

    def _check_bytes(self, observed, name, source, sink, reported):
        wanted = getattr(self.expected, name)
        if not wanted:
            return
        first, last = ("near", "far") if name == UP else ("far", "near")
        minimum = {
            cells.ALL: lambda: source.sent,
            cells.PASSED_ON: lambda: reported[first, name],
            cells.GOT_THROUGH: lambda: self.cut.payload(name),
            cells.DELIVERED: lambda: reported.get((last, name), 0),
        }[wanted]()
        try:
            until(lambda: sink.received >= minimum, "", cells.SOON)
        except AssertionError:
            observed.problems.append(f"{name}: {sink.received} bytes arrived; {wanted} is {minimum}")
        observed.counts[name] = source.sent, sink.received
        if sink.wrong:
            observed.problems.append(f"{name}: the bytes that arrived are not those that were sent")

    def _check_the_next_link(self):
        """Who has listened and lived on serves the next link; who has ended is started anew."""
        if self.expected.far_exit is not None:
            self.far = self._start_far()
            self.cut.target = self.far.port
        if self.expected.near_exit is None:
            client = connect(("127.0.0.1", self.near.port))
        else:
            self.near = self.strait(*self.options, *self.trust, "-", self.url)
            client = self.near.stream
        service = self.listener.accept()
        for source, sink in ((client, service), (service, client)):
            source.send(payload(HELLO))
            same_bytes(sink.read_exactly(HELLO), payload(HELLO), "over the next link")
            source.end()
            assert sink.read_to_end() == b""
        client.close()
        service.close()
        assert self.far.is_running(), "the far strait has ended"

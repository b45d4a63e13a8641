# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What may go wrong on a link, and what everybody has to see of it then.

    client -> near strait -> [nginx | HAProxy | nothing] -> far strait -> service

A cell is a position x fault x traffic x path. `expected(cell)` says what has to come of it; the reasons beside each
rule are those of the design: a reset stays a reset, an end stays an end, what arrived is delivered, and a slow peer is
never killed. fault_rig.py makes cells happen and knows nothing of what is right.

To add cells: put the new word into POSITIONS, FAULTS, TRAFFIC or PATHS; say in `_at_an_end` and `_at_a_strait` what has
to come of it, and why; say in fault_rig.py how it is done: a fault in `Rig._inject`, a path in `Rig._path`, traffic in
`Cell.moves_up` and `Cell.moves_down`. All combinations are then run, and are rows and columns of the table.
"""

from dataclasses import dataclass, field
from itertools import product

from traffic_peer import END, RESET

POSITIONS = CLIENT, NEAR, FAR, SERVICE = "client", "near strait", "far strait", "service"

#: Of a process: KILL, TERM, FREEZE (SIGSTOP, and SIGCONT later). Of its connections: the others; those of a strait are
#: the ones that make up the WebSocket, and what happens to them is done by a relay beside it (cut.py).
FAULTS = KILL, TERM, RST, FIN, STOP_READING, STOP_WRITING, FREEZE = (
    *("kill -9", "SIGTERM", "RST", "FIN", "stop reading", "stop writing", "stop altogether"),
)

#: Those that need a process of its own to happen to.
OF_PROCESSES = KILL, TERM, FREEZE

#: Those after which nothing comes any more, or is taken, without an end.
STOPS = STOP_READING, STOP_WRITING, FREEZE

#: What moves when it happens. Up is from the client to the service.
TRAFFIC = IDLE, UP, DOWN, BOTH = "idle", "up", "down", "both"

PATHS = WS, WSS, NGINX, HAPROXY = "ws", "wss", "nginx", "haproxy"

#: The near strait listens for the client, or is its child and has its pipes: then it has an exit status.
FORMS = TCP, STDIO = "tcp-listen", "stdio"

#: How a strait says that a link went, in its last line about it.
ENDED, BROKEN, CANCELLED = "ended", "broken", "cancelled"

#: How much of a direction arrives, always from its beginning and without a gap:
#: everything that was sent;
#: at least what the first strait says it has passed on, since a Close comes behind the bytes before it;
#: at least what got through to the other strait before TCP's end;
#: at least what the last strait says it has delivered.
ALL, PASSED_ON, GOT_THROUGH, DELIVERED = "all", "what was passed on", "what got through", "what was delivered"

#: Seconds for --ping-interval and --ping-timeout where a peer may fall silent.
PING = 1

#: Seconds that a fault may take to go through the whole chain: milliseconds, and the rest for busy machines.
SOON = 8.0

#: A silent peer is given up after both times; the look that notices may come one interval later.
LIVENESS = 3 * PING + SOON


@dataclass(frozen=True)
class Cell:
    position: str
    fault: str
    traffic: str
    path: str

    @property
    def form(self):
        """Half of the cells each, so that every row has both."""
        if (self.position, self.fault) == (CLIENT, RST):
            return TCP  # pipes know no reset
        return (TCP, STDIO)[(TRAFFIC.index(self.traffic) + PATHS.index(self.path)) % 2]

    @property
    def moves_up(self):
        return self.traffic in (UP, BOTH)

    @property
    def moves_down(self):
        return self.traffic in (DOWN, BOTH)

    def __str__(self):
        return "-".join((self.position, self.fault, self.traffic, self.path)).replace(" ", "_")


CELLS = [Cell(*words) for words in product(POSITIONS, FAULTS, TRAFFIC, PATHS)]


@dataclass
class Expected:
    """Sets hold what is right; an empty one says that nobody is left to ask, or that it doesn't matter."""

    #: What the two ends see: END or RESET.
    client: set = field(default_factory=set)
    service: set = field(default_factory=set)
    #: How much of each direction arrives: ALL or one of the others; None where nobody is left to ask.
    up: str = None
    down: str = None
    #: What each strait says of the link.
    near: set = field(default_factory=set)
    far: set = field(default_factory=set)
    #: Exit statuses of those that end.
    near_exit: int = None
    far_exit: int = None
    #: The Close codes that each strait gets; None is for none.
    close_at_near: set = field(default_factory=set)
    close_at_far: set = field(default_factory=set)
    #: The link is up and works as long as the fault lasts.
    survives: bool = False
    #: Seconds from the fault, or from its end where the link survives it, until both ends have seen the link's end.
    within: float = SOON

    def __str__(self):
        words = ["the link survives, then"] if self.survives else []
        words += [f"{who} sees {_either(seen)}" for who in ("client", "service") if (seen := getattr(self, who))]
        for side in ("near", "far"):
            codes = getattr(self, f"close_at_{side}")
            if codes - {None}:
                words.append(f"{side} strait gets {_either('Close ' + str(c) if c else 'none' for c in codes)}")
        words += [f"{arrow} {much}" for arrow, much in (("↑", self.up), ("↓", self.down)) if much]
        exits = {"near": self.near_exit, "far": self.far_exit}
        words += [f"{side} strait exits {code}" for side, code in exits.items() if code is not None]
        return "; ".join(words)


def _either(words):
    return " or ".join(sorted(words))


def expected(cell):
    result = _at_an_end(cell) if cell.position in (CLIENT, SERVICE) else _at_a_strait(cell)
    if cell.form == STDIO:
        if result.near_exit is None and result.near:
            # 0 for an orderly end and nothing else; a link that broke after it was up is 74.
            result.near_exit = 0 if result.near == {ENDED} else 74
        if RESET in result.client:
            result.client = {END}  # a pipe's reader sees an end; the status tells the difference
    return result


def _orderly(**others):
    """FIN stays FIN, every byte arrives, and Close 1000 is exchanged once both directions have ended."""
    both_sides = {"client": {END}, "service": {END}, "up": ALL, "down": ALL, "near": {ENDED}, "far": {ENDED}}
    return Expected(**{**both_sides, "close_at_near": {1000}, "close_at_far": {1000}, **others})


def _broken(**others):
    """A reset stays a reset: both ends see one, both straits say so, and what came before is delivered."""
    both_sides = {"client": {RESET}, "service": {RESET}, "near": {BROKEN}, "far": {BROKEN}}
    return Expected(**{**both_sides, "up": DELIVERED, "down": DELIVERED, **others})


def _at_an_end(cell):
    """The client, or the service."""
    is_client = cell.position == CLIENT
    # Who goes does not tell what it saw, nor how much it got.
    gone = {"client": set(), "down": None} if is_client else {"service": set(), "up": None}
    # The strait at the other end hears that the link failed behind its peer: Close 1011, behind the bytes before it.
    told = {"close_at_far": {1011}, "up": PASSED_ON} if is_client else {"close_at_near": {1011}, "down": PASSED_ON}
    failed = gone | told

    if cell.fault in STOPS:
        # Backpressure: the peer is slow, not gone. It lives on, keeps every byte, and the other direction moves.
        return _orderly(survives=True)

    if cell.fault == FIN:
        # The end of one direction never cuts the other.
        return _orderly()

    if cell.fault == RST:
        return _broken(**failed)

    if cell.fault in (KILL, TERM):
        if is_client and cell.form == STDIO:
            # stdout closed by its reader ends the link at once (74), also while nothing moves. With stdin closed as
            # well, a program has ended, as a browser's page goes away.
            return _broken(**failed | {"close_at_far": {1001}})
        if cell.moves_down if is_client else cell.moves_up:
            # The kernel answers what it can't deliver any more with a reset.
            return _broken(**failed)
        # The kernel sends FIN: an end in order, for all that anybody can tell.
        return _orderly(**gone)

    raise ValueError(cell)


def _at_a_strait(cell):
    is_near = cell.position == NEAR
    at_it, at_other = ("close_at_near", "close_at_far") if is_near else ("close_at_far", "close_at_near")

    if cell.fault == KILL:
        # The kernel closes its sockets, with FIN or RST as it sees fit, and its neighbour can only believe it. The
        # other strait has seen no Close, and never makes an orderly end of that.
        if is_near:
            return _broken(client={END, RESET}, near=set(), near_exit=-9, close_at_far={None})
        return _broken(service={END, RESET}, far=set(), far_exit=-9, close_at_near={None})

    if cell.fault == TERM:
        # It says goodbye: Close 1001 to the WebSocket's peer behind the bytes before it, a reset to the byte stream,
        # exit 143.
        if is_near:
            return _broken(near={CANCELLED}, near_exit=143, close_at_far={1001}, up=PASSED_ON)
        return _broken(far={CANCELLED}, far_exit=143, close_at_near={1001}, down=PASSED_ON)

    if cell.fault == RST:
        return _broken(**{at_it: {None}, at_other: {None}})

    if cell.fault == FIN:
        # TCP's end without a Close is a failure, exit 74, never 0. Who sees it delivers what came first. It may say
        # Close 1011 in the other direction, or end TCP as well: both are failures for who gets them.
        through = {}
        if cell.path == WS:
            through = {"up": GOT_THROUGH, "down": GOT_THROUGH}
        elif cell.path in (NGINX, HAPROXY):
            # It may take the end of one direction for that of both, and lose what it still has of the other way. What
            # has come from it to the strait at the fault has got through.
            through = {"down" if is_near else "up": GOT_THROUGH}
        return _broken(**{at_it: {1011, None}, at_other: {None}, **through})

    if cell.fault in (STOP_READING, STOP_WRITING):
        # Liveness: the strait that gets nothing any more gives its peer up, after a Ping that stays without answer.
        # But as long as bytes of its own get through, the peer is alive.
        is_near_starved = is_near == (cell.fault == STOP_READING)
        is_heard = cell.moves_up if is_near_starved else cell.moves_down
        return _broken(**{at_it: {None}, at_other: {None}}, survives=is_heard, within=LIVENESS)

    if cell.fault == FREEZE:
        # The other strait gives it up, and it finds that out when it goes on. Its kernel takes bytes for it before,
        # as many as its buffers hold, and that counts as life.
        return _broken(**{at_it: {None}, at_other: {None}}, within=LIVENESS + SOON)

    raise ValueError(cell)

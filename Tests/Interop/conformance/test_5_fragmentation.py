# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Autobahn section 5, fragmentation (RFC 6455 §5.4, §5.5)."""

import pytest

from script import Case, Refused, binary, close, fragments, last, more, ping, play, played, pong, text

CASES = [
    Case("5.3", "text in 2 fragments", [text("frag1", fin=False), last("frag2")], [text("frag1frag2")]),
    Case("5.6", "ping between 2 fragments", [text("frag1", fin=False), ping("ping"), last("frag2")],
         [pong("ping"), text("frag1frag2")]),
    Case("5.19", "5 fragments, pings between, twice",
         [text("f1", fin=False), more("f2"), ping("p1"), more("f3"), more("f4"), ping("p2"), last("f5"),
          binary("f1", fin=False), more("f2"), ping("p3"), more("f3"), more("f4"), ping("p4"), last("f5")],
         [pong("p1"), pong("p2"), text("f1f2f3f4f5"), pong("p3"), pong("p4"), binary("f1f2f3f4f5")]),
    Case("5.21", "2 empty fragments", [text(fin=False), last()], [text()]),
    Case("5.22", "2 empty fragments of a binary", [binary(fin=False), last()], [binary()]),
    Case("5.23", "100 empty fragments", [binary(fin=False), *[more()] * 98, last()], [binary()]),
    Case("5.24", "empty fragment at the start", [text(fin=False), last("a")], [text("a")]),
    Case("5.25", "empty fragment at the end", [text("a", fin=False), last()], [text("a")]),
    Case("5.26", "empty fragments inside", [text("a", fin=False), more(), more(), last("b")], [text("ab")]),
    Case("5.27", "fragments of 1 byte", fragments("one byte each", 1), [text("one byte each")]),
    Case("5.28", "fragmented, whole, fragmented", [*fragments("abc", 1), binary("d"), *fragments("ef", 1)],
         [text("abc"), binary("d"), text("ef")]),
    Case("5.29", "300 fragments in one segment", fragments("x" * 300, 1, binary), [binary("x" * 300)]),
    Case("5.30", "fragments of all length forms", [binary(bytes(125), fin=False), more(bytes(126)), more(bytes(65535)),
                                                   more(bytes(65536)), last(b"z")],
         [binary(bytes(125 + 126 + 65535 + 65536) + b"z")]),
    Case("5.31", "close inside a message", [text("frag1", fin=False), close(1000)],
         failure="in the middle of a message"),
]  # fmt: skip

CONTINUATION = "continuation frame outside a message"

REFUSED = [
    Refused("5.1", "ping in 2 fragments", [ping("frag1", fin=False), last("frag2")], "fragmented ping frame", "§5.5"),
    Refused("5.2", "pong in 2 fragments", [pong("frag1", fin=False), last("frag2")], "fragmented pong frame", "§5.5"),
    Refused("5.32", "close without FIN", [close(1000, fin=False), last()], "fragmented close frame", "§5.5"),
    Refused("5.33", "empty ping without FIN", [ping(fin=False)], "fragmented ping frame", "§5.5"),
    Refused("5.34", "ping without FIN inside a message", [text("a", fin=False), ping(fin=False)],
            "fragmented ping frame", "§5.5", [text("a", fin=False)]),
    Refused("5.9", "last continuation of nothing", [last("non-continuation"), text("Hello")], CONTINUATION, "§5.4"),
    Refused("5.12", "continuation of nothing", [more("non-continuation"), text("Hello")], CONTINUATION, "§5.4"),
    Refused("5.35", "empty continuation of nothing", [last(), text("Hello")], CONTINUATION, "§5.4"),
    Refused("5.15", "continuation behind the last fragment",
            [text("f1", fin=False), last("f2"), more("f3"), text("Hello")], CONTINUATION, "§5.4", [text("f1f2")]),
    Refused("5.36", "continuation behind a whole message", [text("a"), last("b")], CONTINUATION, "§5.4", [text("a")]),
    Refused("5.37", "continuation behind a ping", [ping("a"), last("b")], CONTINUATION, "§5.4", [pong("a")]),
    Refused("5.16", "continuation, then text, twice", [more("a"), text("b"), more("a"), text("b")],
            CONTINUATION, "§5.4"),
    Refused("5.18", "two fragments with the opcode text", [text("f1", fin=False), text("f2")],
            "text frame inside a fragmented message", "§5.4", [text("f1", fin=False)]),
    Refused("5.38", "two first fragments", [text("f1", fin=False), text("f2", fin=False)],
            "text frame inside a fragmented message", "§5.4", [text("f1", fin=False)]),
    Refused("5.39", "binary inside a text", [text("f1", fin=False), binary("f2")],
            "binary frame inside a fragmented message", "§5.4", [text("f1", fin=False)]),
    Refused("5.40", "empty binary inside an empty text", [text(fin=False), binary()],
            "binary frame inside a fragmented message", "§5.4", [text(fin=False)]),
    Refused("5.41", "text inside a binary, behind a ping", [binary("f1", fin=False), ping("p"), text("f2")],
            "text frame inside a fragmented message", "§5.4", [binary("f1", fin=False), pong("p")]),
]  # fmt: skip


@pytest.mark.parametrize(**played(CASES + REFUSED))
def test_case(side, case, delivery):
    play(case, side.open(), delivery)

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The opening handshake as a listener takes it (RFC 6455 §4.2; RFC 9112 for what is HTTP): requests, right and wrong.

A request is data: `request(...)` is a right one, with header lines added, dropped or replaced.
"""

from email.utils import parsedate_to_datetime

import pytest

from raw_peer import RawPeer, accept_key, encode, read_head
from script import Case, Refused, binary, play, text
from sides import Listening, ListenerLink
from streams import END, connect
from waiting import until

KEY = "dGhlIHNhbXBsZSBub25jZQ=="
HEADERS = {
    "Host": "127.0.0.1",
    "Upgrade": "websocket",
    "Connection": "Upgrade",
    "Sec-WebSocket-Key": KEY,
    "Sec-WebSocket-Version": "13",
}


def request(*more, line="GET / HTTP/1.1", without=(), end="\r\n", **replaced):
    """A request's bytes. `Upgrade="h2c"` replaces a value; `_` in names stands for `-`."""
    replaced = {name.replace("_", "-"): value for name, value in replaced.items()}
    lines = [line]
    lines += [f"{name}: {replaced.get(name, value)}" for name, value in HEADERS.items() if name not in without]
    return (end.join([*lines, *more]) + end * 2).encode("latin-1")


ACCEPTED = {
    "as in the RFC": request(),
    "names in lower case": request().replace(b"Upgrade:", b"upgrade:").replace(b"Sec-WebSocket-", b"sec-websocket-"),
    "names in upper case": request().replace(b"Connection:", b"CONNECTION:").replace(b"Sec-W", b"SEC-W"),
    "names in mixed case": request().replace(b"Sec-WebSocket-Key", b"sEC-wEBsOCKET-kEY"),
    "upgrade WebSocket": request(Upgrade="WebSocket"),
    "upgrade WEBSOCKET": request(Upgrade="WEBSOCKET"),
    "connection upgrade in lower case": request(Connection="upgrade"),
    "connection a list": request(Connection="keep-alive, Upgrade"),
    "connection a list without spaces": request(Connection="keep-alive,upgrade"),
    "connection a list with empty elements": request(Connection=", ,Upgrade, ,"),
    "connection repeated": request("Connection: keep-alive"),
    "connection repeated, first": request("Connection: Upgrade", Connection="keep-alive"),
    "upgrade a list": request(Upgrade="h2c, websocket"),
    "upgrade repeated": request("Upgrade: h2c"),
    "white space around values": request(Upgrade=" \t websocket \t "),
    "no space behind the colons": request().replace(b": ", b":"),
    "a query": request(line="GET /?a=b&c=%20 HTTP/1.1"),
    "any path": request(line="GET /any/where HTTP/1.1"),
    "a Host with a port": request(Host="gw.example:8080"),
    "a Host of IPv6": request(Host="[::1]:8080"),
    "an Origin": request("Origin: https://example.com"),
    "cookies and other headers": request("Cookie: a=b; c=d", "User-Agent: x", "X-Forwarded-For: 10.0.0.1"),
    "an empty header": request("X-Empty:"),
    "a header of 8 KiB": request("X-Long: " + "x" * 8192),
    "100 headers": request(*[f"X-{index}: {index}" for index in range(100)]),
    "a header with bytes over 127": request("X-Name: sch\xf6n"),
    "an extension unknown here": request("Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"),
    "extensions in two headers": request("Sec-WebSocket-Extensions: a, b; c=1", 'Sec-WebSocket-Extensions: d; e="f"'),
    "a subprotocol unknown here": request("Sec-WebSocket-Protocol: chat, superchat"),
    "a target in absolute form": request(line="GET http://127.0.0.1/ HTTP/1.1"),
    "a target in absolute form of ws": request(line="GET ws://127.0.0.1/ HTTP/1.1"),
    "no content, said so": request("Content-Length: 0"),
    "an empty line before": b"\r\n" + request(),
}

#: name: (request, status, headers of the answer)
REFUSED = {
    "no Upgrade": (request(without=["Upgrade"]), 426, {"upgrade": "websocket"}),
    "another Upgrade": (request(Upgrade="h2c"), 426, {"upgrade": "websocket"}),
    "Upgrade that only begins so": (request(Upgrade="websocket2"), 426, {"upgrade": "websocket"}),
    "empty Upgrade": (request(Upgrade=""), 426, {"upgrade": "websocket"}),
    "no Connection": (request(without=["Connection"]), 426, {"upgrade": "websocket"}),
    "Connection keep-alive": (request(Connection="keep-alive"), 426, {"upgrade": "websocket"}),
    "Connection close": (request(Connection="close"), 426, {"upgrade": "websocket"}),
    "a plain GET": (b"GET / HTTP/1.1\r\nHost: a\r\n\r\n", 426, {"upgrade": "websocket"}),
    "no Key": (request(without=["Sec-WebSocket-Key"]), 400, {}),
    "empty Key": (request(Sec_WebSocket_Key=""), 400, {}),
    "Key of 15 bytes": (request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25j"), 400, {}),
    "Key of 17 bytes": (request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZWE="), 400, {}),
    "Key of 24 bytes": (request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZWFhYWFhYWFh"), 400, {}),
    "Key not base64": (request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25j*Q=="), 400, {}),
    "Key in base64 for URLs": (request(Sec_WebSocket_Key="-_hlIHNhbXBsZSBub25jZQ=="), 400, {}),
    "Key without padding": (request(Sec_WebSocket_Key="dGhlIHNhbXBsZSBub25jZQ"), 400, {}),
    "Key with spaces": (request(Sec_WebSocket_Key="dGhlIHNhbXBs ZSBub25jZQ=="), 400, {}),
    "Key twice": (request(f"Sec-WebSocket-Key: {KEY}"), 400, {}),
    "no Version": (request(without=["Sec-WebSocket-Version"]), 426, {"sec-websocket-version": "13"}),
    "Version 8": (request(Sec_WebSocket_Version="8"), 426, {"sec-websocket-version": "13"}),
    "Version 14": (request(Sec_WebSocket_Version="14"), 426, {"sec-websocket-version": "13"}),
    "Version 013": (request(Sec_WebSocket_Version="013"), 426, {"sec-websocket-version": "13"}),
    "Version +13": (request(Sec_WebSocket_Version="+13"), 426, {"sec-websocket-version": "13"}),
    "Version a list": (request(Sec_WebSocket_Version="13, 8"), 426, {"sec-websocket-version": "13"}),
    "Version twice": (request("Sec-WebSocket-Version: 8"), 426, {"sec-websocket-version": "13"}),
    "HTTP/1.0": (request(line="GET / HTTP/1.0"), 505, {}),
    "HTTP/2.0": (request(line="GET / HTTP/2.0"), (400, 505), {}),
    "HTTP/1.2 of the future": (request(line="GET / HTTP/1.2"), (101, 400, 505), {}),
    "HTTP/0.9": (b"GET /\r\n\r\n", 400, {}),
    "the preface of HTTP/2": (b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", (400, 405, 505), {}),
    "POST": (request(line="POST / HTTP/1.1"), 405, {"allow": "GET"}),
    "HEAD": (request(line="HEAD / HTTP/1.1"), 405, {"allow": "GET"}),
    "OPTIONS": (request(line="OPTIONS / HTTP/1.1"), 405, {"allow": "GET"}),
    "CONNECT": (request(line="CONNECT a.example:443 HTTP/1.1"), (400, 405), {}),
    "get in lower case": (request(line="get / HTTP/1.1"), (400, 405, 501), {}),
    "an unknown method": (request(line="BREW / HTTP/1.1"), (400, 405, 501), {}),
    "no Host": (request(without=["Host"]), 400, {}),
    "Host twice": (request("Host: other.example"), 400, {}),
    "the same Host twice": (request("Host: 127.0.0.1"), 400, {}),
    "Host with a space": (request(Host="a b"), 400, {}),
    "Host with a path": (request(Host="a/b"), 400, {}),
    "Host with a user": (request(Host="a@b"), 400, {}),
    "a body": (request("Content-Length: 5") + b"hello", 400, {}),
    "a body announced": (request("Content-Length: 5"), 400, {}),
    "a chunked body": (request("Transfer-Encoding: chunked") + b"0\r\n\r\n", 400, {}),
    "an endless chunked body": (request("Transfer-Encoding: chunked"), 400, {}),
    "length and chunked": (request("Content-Length: 5", "Transfer-Encoding: chunked") + b"0\r\n\r\n", 400, {}),
    "two lengths": (request("Content-Length: 0", "Content-Length: 5"), 400, {}),
    "a length twice": (request("Content-Length: 5, 5"), 400, {}),
    "a negative length": (request("Content-Length: -1"), 400, {}),
    "a length with a sign": (request("Content-Length: +0"), 400, {}),
    "a length beyond 64 bits": (request("Content-Length: 99999999999999999999"), 400, {}),
    "an unknown transfer coding": (request("Transfer-Encoding: xchunked"), (400, 501), {}),
    "chunked twice": (request("Transfer-Encoding: chunked, chunked"), 400, {}),
    "chunked behind a tab": (request("Transfer-Encoding:\tchunked") + b"0\r\n\r\n", 400, {}),
    "identity": (request("Transfer-Encoding: identity"), (400, 501), {}),
    "a space before the colon": (request("X-A : b"), 400, {}),
    "a space before the colon of a length": (request("Content-Length : 5") + b"hello", 400, {}),
    "a line without a colon": (request("nonsense"), 400, {}),
    "a header without a name": (request(": value"), 400, {}),
    "a space in a name": (request("X A: b"), 400, {}),
    "a first line that is folded": (b"GET / HTTP/1.1\r\n Host: x\r\n" + request()[16:], 400, {}),
    "NUL in a value": (request("X-A: a\0b"), 400, {}),
    "NUL in a name": (request("X\0A: b"), 400, {}),
    "NUL in the target": (request(line="GET /a\0b HTTP/1.1"), 400, {}),
    "NUL in the key": (request(Sec_WebSocket_Key=KEY[:-2] + "\0="), 400, {}),
    "NUL for a request": (bytes(100) + b"\r\n\r\n", 400, {}),
    "a control character in a value": (request("X-A: a\x01b"), 400, {}),
    "DEL in a value": (request("X-A: a\x7fb"), 400, {}),
    "a bare CR in a value": (request("X-A: a\rX-B: b"), 400, {}),
    "a space in the target": (request(line="GET /a b HTTP/1.1"), 400, {}),
    "a tab for a space": (request(line="GET\t/\tHTTP/1.1"), 400, {}),
    "http in lower case": (request(line="GET / http/1.1"), 400, {}),
    "HTTP/1.1 with more behind": (request(line="GET / HTTP/1.1x"), 400, {}),
    "a target that is no path": (request(line="GET any HTTP/1.1"), 400, {}),
    "TLS": (bytes.fromhex("16030100f8010000f40303") + bytes(238) + b"\r\n\r\n", 400, {}),
    "SSH": (b"SSH-2.0-OpenSSH_9.2\r\n\r\n", 400, {}),
    "frames without a handshake": (encode(1, b"Hello", mask=b"abcd") * 10 + b"\r\n\r\n", 400, {}),
    "extensions that can't be read": (request("Sec-WebSocket-Extensions: a; b=\"c"), 400, {}),
    "extensions with an empty name": (request("Sec-WebSocket-Extensions: ;a=b"), 400, {}),
    "a header block over 16 KiB": (request("X-Long: " + "x" * 16384), 431, {}),
    "a header that does not end": (request()[:-2] + b"X-Long: " + b"x" * 16384, 431, {}),
    "a name that does not end": (request()[:-2] + b"x" * 16384, 431, {}),
    "10000 headers": (request(*["a: b"] * 10000), 431, {}),
    "a target over 16 KiB": (request(line=f"GET /{'x' * 16384} HTTP/1.1"), (414, 431), {}),
    "a method that does not end": (b"G" * 20000, (400, 431), {}),
}  # fmt: skip

#: RFC 9112 leaves the choice: refuse, or read it in the one way that it says.
EITHER = {
    "folded header": request("X-A: a", "  b"),
    "folded Upgrade": request(Upgrade="\r\n websocket"),
    "lines that end with LF": request(end="\n"),
    "a Host that is empty": request(Host=""),
    "two spaces in the first line": request(line="GET  / HTTP/1.1"),
}


def ask(listening, data, chop=None):
    """(connection, answer, what follows it)."""
    stream = connect(listening.address)
    for offset in range(0, len(data), chop or len(data)):
        stream.send(data[offset : offset + (chop or len(data))])
    return (stream, *read_head(stream.socket))


def accepted(listening, data, chop=None, early=b""):
    stream, answer, rest = ask(listening, data + early, chop)
    assert answer.text.startswith("HTTP/1.1 101 "), answer.text
    assert answer.headers["upgrade"].lower() == "websocket"
    assert answer.headers["connection"].lower() == "upgrade"
    assert answer.headers["sec-websocket-accept"] == accept_key(KEY)
    assert not {"sec-websocket-extensions", "sec-websocket-protocol", "content-length"} & set(answer.headers)
    return ListenerLink(listening, RawPeer(stream.socket, is_client=True, head=answer, leftover=rest))


def refused(listening, data, status, headers=None):
    stream, answer, rest = ask(listening, data)
    client = stream.socket.getsockname()
    assert answer.text.startswith("HTTP/1.1 ")
    assert answer.status in (status if isinstance(status, tuple) else [status]), answer.text
    for name, value in (headers or {}).items():
        assert answer.headers[name] == value
    if not data.startswith(b"HEAD"):
        rest += stream.read_exactly(int(answer.headers["content-length"]) - len(rest))
        assert rest.endswith(b"\n") and rest.decode().rstrip("\n").isprintable(), rest
    else:
        assert rest == b"", "RFC 9110 §9.3.2"
    assert "close" in answer.headers["connection"].split(", "), "RFC 9112 §9.3"
    assert parsedate_to_datetime(answer.headers["date"]), "RFC 9110 §6.6.1"
    after, how = stream.until_broken()
    assert (after, how) == (b"", END), "more than one answer, or no orderly end"
    stream.close()
    listening.failures += 1
    assert f"refused with HTTP {answer.status}: " in listening.line_about(client)
    assert listening.process.is_running()


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(listening, name):
    play(Case("", name, [text("Hello")], [text("Hello")]), accepted(listening, ACCEPTED[name]))


@pytest.mark.parametrize("name", ["as in the RFC", "connection repeated", "a query"])
def test_accepted_byte_by_byte(listening, name):
    play(Case("", name, [text("Hello")], [text("Hello")]), accepted(listening, ACCEPTED[name], chop=1))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(listening, name):
    refused(listening, *REFUSED[name])


@pytest.mark.parametrize("name", EITHER)
def test_refused_or_read_in_the_one_way(listening, name):
    stream, answer, rest = ask(listening, EITHER[name])
    assert answer.status in (101, 400), answer.text
    if answer.status == 101:
        assert answer.headers["sec-websocket-accept"] == accept_key(KEY)
        peer = RawPeer(stream.socket, is_client=True, head=answer, leftover=rest)
        play(Case("", name, [text("Hello")], [text("Hello")]), ListenerLink(listening, peer))
    else:
        listening.failures += 1
        assert "refused with HTTP 400" in listening.line_about(stream.socket.getsockname())


class TestWhatIsBehindTheRequest:
    @pytest.mark.parametrize("data", [b"", b"Hello", b"x" * 20000, b"x" * 300000], ids=len)
    def test_frames_in_the_same_segment(self, listening, data):
        """Also more than the limit of a header block."""
        early = binary(data).encoded(is_client=True)
        link = accepted(listening, request(), early=early + text("next").encoded(is_client=True))
        play(Case("", "early", [], [binary(data), text("next")]), link)

    def test_every_cut_between_request_and_frame(self, listening):
        head, frame = request(), text("Hello").encoded(is_client=True)
        for cut in range(len(head) - 4, len(head) + len(frame)):
            stream = connect(listening.address)
            stream.send((head + frame)[:cut])
            stream.send((head + frame)[cut:])
            answer, rest = read_head(stream.socket)
            peer = RawPeer(stream.socket, is_client=True, head=answer, leftover=rest)
            play(Case("", f"cut at {cut}", [], [text("Hello")]), ListenerLink(listening, peer))

    def test_a_violation_in_the_same_segment(self, listening):
        link = accepted(listening, request(), early=text("x", rsv=4).encoded(is_client=True))
        play(Refused("", "early", [], "reserved bits", "§5.2"), link)

    def test_a_second_request_is_no_frame(self, listening):
        link = accepted(listening, request(), early=request())
        play(Refused("", "early", [], "reserved opcode 7", "§5.2"), link)

    def test_a_request_behind_a_refused_one_gets_nothing(self, listening):
        """Neither an answer nor a WebSocket: it may be another's, sent on by a proxy."""
        refused(listening, b"GET / HTTP/1.1\r\nHost: a\r\n\r\n" + request(), 426)

    def test_a_request_in_a_body_gets_nothing(self, listening):
        smuggled = request()
        refused(listening, request(f"Content-Length: {len(smuggled)}") + smuggled, 400)

    def test_a_request_behind_chunks_gets_nothing(self, listening):
        refused(listening, request("Transfer-Encoding: chunked") + b"0\r\n\r\n" + request(), 400)


class TestTheEndWhileAsking:
    @pytest.mark.parametrize("sent", [b"", b"GET", request()[:-2]], ids=["nothing", "a method", "all but a line"])
    @pytest.mark.parametrize("how", ["end", "reset", "close"])
    def test_a_client_that_leaves(self, listening, sent, how):
        """It is a line, without the client's address if the system has forgotten it; and the next is served."""
        before = len(listening.process.lines)
        stream = connect(listening.address)
        if sent:
            stream.send(sent)
        getattr(stream, how)()
        listening.failures += 1
        until(lambda: len(listening.process.lines) > before, "a line about it")
        play(Case("", "next", [text("Hello")], [text("Hello")]), listening.open())


class TestPath:
    @pytest.fixture(scope="class")
    def served(self, straits):
        side = Listening(straits, address="ws-listen:0/here")
        yield side
        side.stop()

    @pytest.mark.parametrize(
        "target",
        ["/here", "/here?a=b", "http://127.0.0.1/here", "http://127.0.0.1:80/here?a=b", "ws://gw.example/here"],
    )
    def test_served(self, served, target):
        """A target in absolute form is one to be taken (RFC 9112 §3.2.2)."""
        link = accepted(served, request(line=f"GET {target} HTTP/1.1"))
        play(Case("", target, [text("Hello")], [text("Hello")]), link)

    @pytest.mark.parametrize(
        "target",
        ["/", "/here/", "/HERE", "/here/more", "/heremore", "//here", "/./here", "/%68ere", "/?/here",
         "/x?http://a/here", "http://127.0.0.1/", "http://127.0.0.1", "http://127.0.0.1/x/here", "http://a?/here"],
    )  # fmt: skip
    def test_not_served(self, served, target):
        refused(served, request(line=f"GET {target} HTTP/1.1"), 404)

    def test_a_refused_path_with_frames_behind_it(self, served):
        frames = text("Hello").encoded(is_client=True) * 100
        refused(served, request(line="GET /other HTTP/1.1") + frames, 404)

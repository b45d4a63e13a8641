# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The opening handshake as a dialer takes it (RFC 6455 §4.1): its request, and answers, right and wrong.

An answer is data: lines, in which `{accept}` stands for the answer to strait's key.
"""

import base64
import re

import pytest

from raw_peer import RawPeer, accept_key, encode
from script import Case, Refused, binary, close, ping, play, pong, text
from sides import DialerLink
from waiting import MIB

HEADERS = {"Upgrade": "websocket", "Connection": "Upgrade", "Sec-WebSocket-Accept": "{accept}"}
SWITCHING = "HTTP/1.1 101 Switching Protocols"


def answer(*more, line=SWITCHING, without=(), end="\r\n", **replaced):
    """An answer's text. `Upgrade="h2c"` replaces a value; `_` in names stands for `-`."""
    replaced = {name.replace("_", "-"): value for name, value in replaced.items()}
    lines = [line]
    lines += [f"{name}: {replaced.get(name, value)}" for name, value in HEADERS.items() if name not in without]
    return end.join([*lines, *more]) + end * 2


ACCEPTED = {
    "as in the RFC": answer(),
    "names in lower case": answer().replace("Upgrade:", "upgrade:").replace("Sec-WebSocket-A", "sec-websocket-a"),
    "names in upper case": answer().replace("Connection:", "CONNECTION:").replace("Sec-W", "SEC-W"),
    "upgrade WebSocket": answer(Upgrade="WebSocket"),
    "connection in lower case": answer(Connection="upgrade"),
    "connection a list": answer(Connection="keep-alive, Upgrade"),
    "connection repeated": answer("Connection: keep-alive"),
    "white space around values": answer(Upgrade=" \t websocket \t ", Sec_WebSocket_Accept="  {accept} "),
    "no space behind the colons": answer().replace(": ", ":"),
    "another reason phrase": answer(line="HTTP/1.1 101 Web Socket Protocol Handshake"),
    "an empty reason phrase": answer(line="HTTP/1.1 101 "),
    "other headers": answer("Server: x", "Date: Thu, 01 Jan 1970 00:00:00 GMT", "Set-Cookie: a=b", "Set-Cookie: c=d"),
    "a header of 8 KiB": answer("X-Long: " + "x" * 8192),
    "a header with bytes over 127": answer("X-Name: sch\xf6n"),
    "100 Continue before": "HTTP/1.1 100 Continue\r\n\r\n" + answer(),
    "103 Early Hints before, twice": "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" * 2 + answer(),
    "a length, which 101 never has": answer("Content-Length: 5"),
}

#: name: (answer, exit status, what the line names)
REFUSED = {
    "no Accept": (answer(without=["Sec-WebSocket-Accept"]), 76, "Sec-WebSocket-Accept"),
    "empty Accept": (answer(Sec_WebSocket_Accept=""), 76, "Sec-WebSocket-Accept"),
    "Accept of another key": (answer(Sec_WebSocket_Accept=accept_key("other")), 76, "Sec-WebSocket-Accept"),
    "Accept that is the key": (answer(Sec_WebSocket_Accept="{key}"), 76, "Sec-WebSocket-Accept"),
    "Accept in lower case": (answer(Sec_WebSocket_Accept="{lower}"), 76, "Sec-WebSocket-Accept"),
    "Accept with more behind": (answer(Sec_WebSocket_Accept="{accept}x"), 76, "Sec-WebSocket-Accept"),
    "Accept without padding": (answer(Sec_WebSocket_Accept="{unpadded}"), 76, "Sec-WebSocket-Accept"),
    "Accept twice": (answer("Sec-WebSocket-Accept: {accept}"), 76, "Sec-WebSocket-Accept"),
    "Accept twice, once wrong": (answer("Sec-WebSocket-Accept: x"), 76, "Sec-WebSocket-Accept"),
    "no Upgrade": (answer(without=["Upgrade"]), 76, "Upgrade"),
    "another Upgrade": (answer(Upgrade="h2c"), 76, "h2c"),
    "Upgrade that only begins so": (answer(Upgrade="websocket2"), 76, "websocket2"),
    "no Connection": (answer(without=["Connection"]), 76, "Connection"),
    "Connection close": (answer(Connection="close"), 76, "Connection"),
    "101 of HTTP/1.0": (answer(line="HTTP/1.0 101 Switching Protocols"), 76, "HTTP"),
    "a subprotocol": (answer("Sec-WebSocket-Protocol: chat"), 76, "chat"),
    "an extension": (answer("Sec-WebSocket-Extensions: permessage-deflate"), 76, "permessage-deflate"),
    "strait-half-close and another": (answer("Sec-WebSocket-Extensions: strait-half-close, x"), 76, "extension"),
    "strait-half-close twice": (answer("Sec-WebSocket-Extensions: strait-half-close, strait-half-close"), 76, "twice"),
    "strait-half-close with more": (answer("Sec-WebSocket-Extensions: strait-half-close; a=b"), 76, "parameters"),
    "extensions that can't be read": (answer("Sec-WebSocket-Extensions: ;"), 76, "Extensions"),
    "200": ("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", 76, "HTTP 200"),
    "200 with the headers of 101": (answer("Content-Length: 0", line="HTTP/1.1 200 OK"), 76, "HTTP 200"),
    "204": ("HTTP/1.1 204 No Content\r\n\r\n", 76, "HTTP 204"),
    "301": ("HTTP/1.1 301 Moved\r\nLocation: wss://b.example/\r\nContent-Length: 0\r\n\r\n", 76, "wss://b.example/"),
    "302 without Location": ("HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 76, "HTTP 302"),
    "400": ("HTTP/1.1 400 Bad Request\r\nContent-Length: 3\r\n\r\nwhy", 76, "why"),
    "401": ("HTTP/1.1 401 Unauthorized\r\nWWW-Authenticate: Basic\r\nContent-Length: 0\r\n\r\n", 77, "Basic"),
    "403": ("HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n", 77, "--user"),
    "404": ("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n", 76, "path"),
    "426": ("HTTP/1.1 426 Upgrade Required\r\nSec-WebSocket-Version: 8\r\nContent-Length: 0\r\n\r\n", 76, "version"),
    "500": ("HTTP/1.1 500 Internal Server Error\r\nContent-Length: 0\r\n\r\n", 76, "HTTP 500"),
    "502 of HTTP/1.0": ("HTTP/1.0 502 Bad Gateway\r\n\r\nnobody there", 76, "HTTP 502"),
    "503 in chunks": ("HTTP/1.1 503 Busy\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nbusy\r\n0\r\n\r\n", 76, "busy"),
    "a body with control characters": ("HTTP/1.1 500 x\r\nContent-Length: 8\r\n\r\n\x1b[31m\0\r\n", 76, "HTTP 500"),
    "a reason with control characters": ("HTTP/1.1 500 a\x1b[31m\r\nContent-Length: 0\r\n\r\n", 76, ""),
    "an endless body": ("HTTP/1.1 500 x\r\n\r\n" + "x" * 1_000_000, 76, "HTTP 500"),
    "SSH": ("SSH-2.0-OpenSSH_9.2\r\n", 76, "not HTTP"),
    "TLS": ("\x15\x03\x01\x00\x02\x02\x46", 76, "not HTTP"),
    "a frame": (encode(1, b"Hello").decode("latin-1"), 76, "not HTTP"),
    "NUL": ("\0" * 100, 76, "not HTTP"),
    "NUL in a value": (answer("X-A: a\0b"), 76, "not HTTP"),
    "NUL in a name": (answer("X\0A: b"), 76, "not HTTP"),
    "a bare CR in a value": (answer("X-A: a\rX-B: b"), 76, "not HTTP"),
    "a space before the colon": (answer("X-A : b"), 76, "not HTTP"),
    "a line without a colon": (answer("nonsense"), 76, "not HTTP"),
    "an endless header": (answer()[:-2] + "X-Long: " + "x" * 1_000_000, 76, ""),
    "endless headers": (answer()[:-2] + "a: b\r\n" * 200_000, 76, ""),
    "an endless name": (answer()[:-2] + "x" * 1_000_000, 76, ""),
    "an endless reason": ("HTTP/1.1 101 " + "x" * 1_000_000, 76, ""),
    "endless 100 Continue": ("HTTP/1.1 100 Continue\r\n\r\n" * 50_000, 76, ""),
    "status 99": (answer(line="HTTP/1.1 99 x"), 76, "HTTP"),
    "status 1010": (answer(line="HTTP/1.1 1010 x"), 76, "HTTP"),
    "HTTP/2.0": (answer(line="HTTP/2.0 101 x"), 76, "HTTP"),
    "http in lower case": (answer(line="http/1.1 101 x"), 76, "not HTTP"),
    "nothing": ("", 76, "closed the connection during the handshake"),
    "half a line": ("HTTP/1.1 10", 76, "handshake"),
    "half a header block": (answer()[:-2], 76, "handshake"),
}

#: RFC 9112 leaves the choice: refuse, or read it in the one way that it says.
EITHER = {
    "a folded header": answer("X-A: a", "  b"),
    "a folded Upgrade": answer(Upgrade="\r\n websocket"),
    "lines that end with LF": answer(end="\n"),
    "chunks, which 101 never has": answer("Transfer-Encoding: chunked"),
    "HTTP/1.1 101 without a space behind": answer(line="HTTP/1.1 101"),
}


def filled(text, request):
    key = request.headers["sec-websocket-key"]
    accept = accept_key(key)
    for name, value in [("key", key), ("accept", accept), ("lower", accept.lower()), ("unpadded", accept.rstrip("="))]:
        text = text.replace("{%s}" % name, value)
    return text.encode("latin-1")


def answered(dialing, text, chop=None, early=b""):
    """A strait that got this answer, with `early` in the same segment."""
    process = dialing.dial()
    sock, request = dialing.server.accept_request()
    data = filled(text, request) + early
    try:
        for offset in range(0, len(data), chop or len(data) or 1):
            sock.sendall(data[offset : offset + (chop or len(data))])
    except (BrokenPipeError, ConnectionResetError):
        pass
    return DialerLink(dialing, RawPeer(sock, is_client=False, head=request), process)


@pytest.mark.parametrize("name", ACCEPTED)
def test_accepted(dialing, name):
    play(Case("", name, [text("Hello")], [text("Hello")]), answered(dialing, ACCEPTED[name]))


@pytest.mark.parametrize("name", ["as in the RFC", "connection repeated", "103 Early Hints before, twice"])
def test_accepted_byte_by_byte(dialing, name):
    play(Case("", name, [text("Hello")], [text("Hello")]), answered(dialing, ACCEPTED[name], chop=1))


@pytest.mark.parametrize("name", REFUSED)
def test_refused(dialing, name):
    data, status, needle = REFUSED[name]
    link = answered(dialing, data)
    try:
        link.peer.end()
    except OSError:
        pass  # strait was faster
    line = dialing.exit(link.process, status, needle)
    assert line.isprintable() and len(line) < 1000
    link.peer.close()


@pytest.mark.parametrize("name", ["no Accept", "no Upgrade", "an extension", "404", "SSH", "NUL", "endless headers"])
def test_refused_without_waiting_for_the_servers_end(dialing, name):
    data, status, needle = REFUSED[name]
    link = answered(dialing, data)
    dialing.exit(link.process, status, needle)
    rest, _ = link.peer.stream.until_broken()
    assert rest == b"", "no frame may follow a failed handshake"
    link.peer.close()


@pytest.mark.parametrize("name", ["an endless header", "endless headers", "an endless reason", "endless 100 Continue"])
def test_a_head_without_end_is_refused_before_it_takes_memory(dialing, name):
    """What is sent until then is no more than the sockets hold."""
    process = dialing.dial()
    sock, request = dialing.server.accept_request()
    head, block = filled(REFUSED[name][0], request)[:200], REFUSED[name][0][-65536 // 25 * 25 :].encode()
    sent = 0
    try:
        sock.sendall(head)
        while sent < 128 * MIB:
            sock.sendall(block)
            sent += len(block)
    except OSError:
        pass
    assert sent < 16 * MIB
    dialing.exit(process, 76)
    sock.close()


@pytest.mark.parametrize("name", EITHER)
def test_refused_or_read_in_the_one_way(dialing, name):
    """If it is taken, then what follows are frames."""
    link = answered(dialing, EITHER[name])
    try:
        link.peer.send(1, b"Hello")
        frame = link.peer.read_frame()
    except (OSError, AssertionError):
        dialing.exit(link.process, 76)
        link.peer.close()
        return
    assert frame.payload == b"Hello"
    play(Case("", name, [text("x")], [text("x")]), link)


class TestWhatIsBehindTheAnswer:
    @pytest.mark.parametrize("size", [0, 5, 65536, 300_000])
    def test_frames_in_the_same_segment(self, dialing, size):
        early = binary(bytes(size)).encoded(False) + ping("p").encoded(False) + text("next").encoded(False)
        link = answered(dialing, answer(), early=early)
        play(Case("", "early", [], [binary(bytes(size)), pong("p"), text("next")]), link)

    def test_every_cut_between_answer_and_frame(self, dialing):
        frame = text("Hello").encoded(False)
        for cut in range(-4, len(frame)):
            process = dialing.dial()
            sock, request = dialing.server.accept_request()
            head = filled(answer(), request)
            sock.sendall((head + frame)[: len(head) + cut])
            sock.sendall((head + frame)[len(head) + cut :])
            link = DialerLink(dialing, RawPeer(sock, is_client=False, head=request), process)
            play(Case("", f"cut at {cut}", [], [text("Hello")]), link)

    @pytest.mark.parametrize("code", [1000, 1001])
    def test_a_close_in_the_same_segment(self, dialing, code):
        early = [text("Hello"), close(code)]
        link = answered(dialing, answer(), early=b"".join(frame.encoded(False) for frame in early))
        play(Case("", "early", [], [text("Hello")], code, early=early), link)

    def test_a_close_of_failure_in_the_same_segment(self, dialing):
        link = answered(dialing, answer(), early=close(3000).encoded(False))
        play(Case("", "early", [], [], 3000, early=[close(3000)]), link)

    def test_a_violation_in_the_same_segment(self, dialing):
        link = answered(dialing, answer(), early=text("x", rsv=4).encoded(False))
        play(Refused("", "early", [], "reserved bits", "§5.2"), link)

    def test_the_body_of_101_is_frames(self, dialing):
        """A 101 has no body, whatever its Content-Length says (RFC 9112 §6.3)."""
        link = answered(dialing, answer("Content-Length: 7"), early=text("Hello").encoded(False))
        play(Case("", "early", [], [text("Hello")]), link)

    def test_a_second_answer_is_no_frame(self, dialing):
        link = answered(dialing, answer(), early=b"HTTP/1.1 200 OK\r\n\r\n")
        play(Refused("", "early", [], "fragmented close frame", "§5.5"), link)


class TestRequest:
    """What strait asks for (RFC 6455 §4.1)."""

    def request(self, dialing, path="/", *options):
        process = dialing.dial(path)
        sock, request = dialing.server.accept_request()
        sock.close()
        dialing.exit(process, 76)
        return request

    def test_each_header_once(self, dialing):
        request = self.request(dialing, "/a/b?c=%20d")
        lines = request.text.split("\r\n")
        names = [line.partition(":")[0].lower() for line in lines[1:]]
        assert lines[0] == "GET /a/b?c=%20d HTTP/1.1"
        assert len(names) == len(set(names))
        assert request.headers["host"] == f"127.0.0.1:{dialing.server.listener.port}"
        assert request.headers["upgrade"].lower() == "websocket"
        assert request.headers["connection"].lower() == "upgrade"
        assert request.headers["sec-websocket-version"] == "13"
        assert request.headers["sec-websocket-extensions"] == "strait-half-close"
        assert not {"sec-websocket-protocol", "origin", "content-length", "transfer-encoding"} & set(names)

    def test_the_key_is_16_fresh_bytes(self, dialing):
        keys = {self.request(dialing).headers["sec-websocket-key"] for _ in range(5)}
        assert len(keys) == 5
        for key in keys:
            assert re.fullmatch(r"[A-Za-z0-9+/]{22}==", key)
            assert len(base64.b64decode(key, validate=True)) == 16

    def test_nothing_is_sent_before_the_answer(self, dialing):
        process = dialing.dial()
        sock, request = dialing.server.accept_request()
        peer = RawPeer(sock, is_client=False, head=request)
        assert peer.stream.is_idle()
        sock.sendall(filled(answer(), request))
        play(Case("", "late", [text("Hello")], [text("Hello")]), DialerLink(dialing, peer, process))

    def test_mask_keys_are_fresh(self, dialing):
        """A key of its own for each frame, unpredictable (RFC 6455 §5.3)."""
        link = dialing.open()
        keys = set()
        for _ in range(200):
            link.peer.send(2, b"x")
            wire = link.peer.stream.read_exactly(7)
            keys.add(wire[2:6])
        assert len(keys) > 195
        play(Case("", "end", []), link)

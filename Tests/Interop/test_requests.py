# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What the opening request says, who may see its secrets, and what answers other than 101 lead to."""

import base64
import os
import socket
import subprocess
import termios

import pytest

from raw_peer import RawServer
from terminal import Terminal
from waiting import Background


def basic(credentials):
    return "Basic " + base64.b64encode(credentials.encode()).decode()


def refuse(sock, status, *headers, body=b""):
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers])
    sock.sendall(head.encode() + b"\r\n\r\n" + body)
    sock.shutdown(socket.SHUT_WR)
    try:
        while sock.recv(65536):
            pass
    except ConnectionResetError:
        pass  # It has read as much as it wants.
    sock.close()


@pytest.fixture
def other_server():
    server = RawServer()
    yield server
    server.close()


def request_of(strait, server, *options, url=None, **others):
    """The head that a strait with these options sends; it is turned away."""
    with Background(server.accept_request) as asked:
        dialer = strait(*options, "-", url or server.url("/path"), **others)
        sock, head = asked.result()
    refuse(sock, "404 Not Found")
    dialer.finish().failed_with(76, "HTTP 404")
    return head


class TestHeader:
    def test_replaces_usual_fields(self, strait, raw_server):
        options = ["-H", "Host: other.example", "-H", "user-agent: mine", "-H", "Origin: https://o.example"]
        head = request_of(strait, raw_server, *options)
        assert [head.headers[name] for name in ("host", "user-agent", "origin")] == [
            "other.example", "mine", "https://o.example",
        ]
        assert head.text.lower().count("host:") == 1

    def test_leaves_out_and_leaves_empty(self, strait, raw_server):
        head = request_of(strait, raw_server, "-H", "User-Agent:", "-H", "Sec-WebSocket-Extensions:", "-H", "X-Empty;")
        assert "user-agent" not in head.headers
        assert "sec-websocket-extensions" not in head.headers
        assert head.headers["x-empty"] == ""

    def test_from_a_file(self, strait, raw_server, tmp_path):
        file = tmp_path / "headers"
        file.write_text("X-One: 1\r\n\nUser-Agent:\nX-Two;\n")
        head = request_of(strait, raw_server, "-H", f"@{file}")
        assert (head.headers["x-one"], head.headers["x-two"]) == ("1", "")
        assert "user-agent" not in head.headers
        strait.run("-H", "@/nonexistent", "-", raw_server.url()).failed_with(64, "/nonexistent", "No such file")


    @pytest.mark.parametrize("options, agent", [
        (["-A", "mine"], "mine"), (["-A", ""], None), (["-A", "mine", "-H", "User-Agent: other"], "other"),
    ])
    def test_user_agent(self, strait, raw_server, options, agent):
        assert request_of(strait, raw_server, *options).headers.get("user-agent") == agent


class TestPassword:
    def test_is_asked_for_at_the_terminal_and_not_shown(self, binary, clean_env, raw_server):
        terminal = Terminal(binary, clean_env, "-u", "me", raw_server.url())
        terminal.shows(b'Password for user "me": ')
        terminal.type(b"hunter3\x7f2\n")
        sock, head = raw_server.accept_request()
        assert head.headers["authorization"] == basic("me:hunter2")
        refuse(sock, "403 Forbidden")
        assert terminal.end() == 77
        assert b"hunter" not in terminal.shown

    @pytest.mark.parametrize("keys, status", [(b"\x03", 130), (b"abc\x03", 130), (b"\x04", 64)])
    def test_may_be_refused(self, binary, clean_env, keys, status):
        terminal = Terminal(binary, clean_env, "-u", "me", "ws://127.0.0.1:1/")
        terminal.shows(b"Password")
        echoes = termios.tcgetattr(terminal.master)[3] & termios.ECHO
        assert not echoes
        terminal.type(keys)
        assert terminal.end() == status
        assert (b"no password was given" in terminal.shown) == (status == 64)

    def test_without_a_terminal_the_line_says_what_to_give(self, binary, clean_env):
        command = [binary, "-u", "me", "ws://127.0.0.1:1/"]
        result = subprocess.run(command, env=clean_env, start_new_session=True, capture_output=True, timeout=20, text=True)
        assert (result.returncode, result.stdout, result.stderr.count("\n")) == (64, "", 1), result
        assert "--user-file" in result.stderr and "user:password" in result.stderr


class TestCredentials:
    """Neither ps nor the log shows those that are not on the command line."""

    def sent(self, strait, server, *options, secret, **others):
        with Background(server.accept_request) as asked:
            dialer = strait("-vv", *options, "-", server.url("/path"), **others)
            sock, head = asked.result()
        with open(f"/proc/{dialer.pid}/cmdline", "rb") as command:
            assert secret.encode() not in command.read()
        refuse(sock, "403 Forbidden")
        result = dialer.finish()
        assert result.code == 77
        assert not [line for line in result.lines if secret in line or basic(secret)[6:] in line], result.lines
        return head.headers.get("authorization")

    def test_from_a_file(self, strait, raw_server, tmp_path):
        file = tmp_path / "secret"
        file.write_text("me:hunter2\n")
        assert self.sent(strait, raw_server, "--user-file", file, secret="hunter2") == basic("me:hunter2")
        file.write_text("tokentoken\n")
        assert self.sent(strait, raw_server, "--bearer-file", file, secret="tokentoken") == "Bearer tokentoken"

    def test_from_a_descriptor(self, strait, raw_server):
        reader, writer = os.pipe()
        os.write(writer, b"me:hunter2\n")
        os.close(writer)
        options = ["--user-file", f"/dev/fd/{reader}"]
        sent = self.sent(strait, raw_server, *options, secret="hunter2", pass_fds=[reader])
        os.close(reader)
        assert sent == basic("me:hunter2")

    def test_from_the_environment(self, strait, raw_server):
        env = {"STRAIT_USER": "me:hunter2"}
        assert self.sent(strait, raw_server, secret="hunter2", env=env) == basic("me:hunter2")
        env = {"STRAIT_BEARER": "tokentoken"}
        assert self.sent(strait, raw_server, secret="tokentoken", env=env) == "Bearer tokentoken"

    def test_the_command_line_wins(self, strait, raw_server):
        env = {"STRAIT_USER": "me:hunter2"}
        head = request_of(strait, raw_server, "--oauth2-bearer", "abc", env=env)
        assert head.headers["authorization"] == "Bearer abc"

    def test_from_netrc(self, strait, raw_server, tmp_path):
        (tmp_path / ".netrc").write_text("machine 127.0.0.1\n  login me\n  password hunter2\n")
        env = {"HOME": str(tmp_path)}
        assert self.sent(strait, raw_server, "-n", secret="hunter2", env=env) == basic("me:hunter2")
        file = tmp_path / "other"
        file.write_text("default login you password sesame")
        assert self.sent(strait, raw_server, "--netrc-file", file, secret="sesame") == basic("you:sesame")
        none = {"HOME": "/nonexistent"}
        assert self.sent(strait, raw_server, "--netrc-optional", secret="no-secret", env=none) is None
        strait.run("-n", "-", raw_server.url(), env=none).failed_with(64, "/nonexistent/.netrc", "No such file")

    @pytest.mark.parametrize("credentials", ["nobody:secret", "me:wrong"])
    def test_wrong_user_or_password_77(self, strait, raw_server, credentials):
        def play():
            sock, request = raw_server.accept_request()
            right = request.headers["authorization"] == basic("me:secret")
            refuse(sock, "204 No Content" if right else "401 Unauthorized", 'WWW-Authenticate: Basic realm="gate"')

        with Background(play):
            result = strait.run("-u", credentials, "-", raw_server.url())
        line = result.failed_with(77, "HTTP 401 Unauthorized", 'WWW-Authenticate: Basic realm="gate"', "check the credentials")
        assert credentials.partition(":")[2] not in line.replace(raw_server.url(), "")

    def test_no_password_is_wrong_usage(self, strait):
        strait.run("-u", "me", "-", "ws://127.0.0.1:1/").failed_with(64, "--user", "password")


class TestCookies:
    def test_given(self, strait, raw_server):
        head = request_of(strait, raw_server, "-b", "a=b; c=d", "--cookie", "e=f")
        assert head.headers["cookie"] == "a=b; c=d; e=f"

    def test_from_the_file_that_curl_wrote(self, strait, raw_server, tmp_path):
        jar = tmp_path / "jar"
        jar.write_text(
            "# Netscape HTTP Cookie File\n\n"
            "#HttpOnly_127.0.0.1\tFALSE\t/path\tFALSE\t0\tsession\tabc\n"
            "127.0.0.1\tFALSE\t/\tFALSE\t1\texpired\tx\n"
            "other.example\tTRUE\t/\tFALSE\t0\tother\tx\n"
        )
        assert request_of(strait, raw_server, "-b", jar).headers["cookie"] == "session=abc"
        strait.run("-b", "/nonexistent", "-", raw_server.url()).failed_with(64, "/nonexistent", "No such file")


class TestRedirects:
    def chain(self, hops):
        """Answers each request as told: (server, status, Location); the requests are the result."""
        requests = []
        for server, status, location in hops:
            sock, request = server.accept_request()
            requests.append(request)
            refuse(sock, status, *([f"Location: {location}"] if location else []))
        return requests

    def test_are_followed_to_the_end(self, strait, raw_server, other_server):
        def play():
            requests = self.chain(
                [
                    (raw_server, "301 Moved Permanently", "/two?x=y"),
                    (raw_server, "302 Found", "three"),
                    (raw_server, "308 Permanent Redirect", other_server.url("/four").replace("ws:", "http:")),
                ]
            )
            peer = other_server.accept()
            return requests, peer

        with Background(play) as played:
            dialer = strait("-L", "-", raw_server.url("/one/"))
            requests, peer = played.result()
        assert [request.target for request in requests] == ["/one/", "/two?x=y", "/three"]
        assert peer.head.target == "/four"
        assert peer.head.headers["host"] == f"127.0.0.1:{other_server.listener.port}"
        dialer.stream.end()
        peer.send_close()
        assert dialer.finish().code == 0

    def test_credentials_stay_where_they_were_given_for(self, strait, raw_server, other_server, tmp_path):
        netrc = tmp_path / "netrc"
        netrc.write_text("machine localhost login you password sesame")
        elsewhere = f"http://localhost:{other_server.listener.port}/"
        hops = [
            (raw_server, "307 Temporary Redirect", "/again"),
            (raw_server, "307 Temporary Redirect", other_server.url()),
            (other_server, "307 Temporary Redirect", elsewhere),
            (other_server, "404 Not Found", None),
        ]
        options = ["-L", "-u", "me:hunter2", "-b", "a=b", "-H", "X-Mine: 1", "-H", "Host: h.example"]
        with Background(self.chain, hops) as played:
            result = strait.run(*options, "--netrc-file", netrc, "-4", "-", raw_server.url())
            sent = played.result()
        for request in sent[:2]:
            assert request.headers["authorization"] == basic("me:hunter2")
            assert (request.headers["cookie"], request.headers["host"]) == ("a=b", "h.example")
        assert not {"authorization", "cookie"} & set(sent[2].headers)
        assert sent[3].headers["authorization"] == basic("you:sesame")
        assert [request.headers["x-mine"] for request in sent] == ["1"] * 4
        result.failed_with(76, raw_server.url(), "redirected to ws://localhost", "HTTP 404")

    @pytest.mark.parametrize("options, sent", [(["-b", ""], "s=1"), ([], None)])
    def test_cookies_that_they_set_go_where_they_belong(self, strait, raw_server, other_server, options, sent):
        """As with curl, only with a file of cookies, be it none."""

        def play():
            requests = []
            for server, *headers in [
                (raw_server, "Location: /ssh", "Set-Cookie: s=1; Path=/", "Set-Cookie: t=1; Path=/other"),
                (raw_server, f"Location: {other_server.url().replace('127.0.0.1', 'localhost')}"),
                (other_server,),
            ]:
                sock, request = server.accept_request()
                requests.append(request)
                refuse(sock, "302 Found" if headers else "404 Not Found", *headers)
            return requests

        with Background(play) as played:
            strait.run("-L", "-4", *options, "-", raw_server.url("/login")).failed_with(76, "HTTP 404")
            requests = played.result()
        assert [request.headers.get("cookie") for request in requests] == [None, sent, None]

    def test_have_a_limit(self, strait, raw_server):
        hops = [(raw_server, "302 Found", f"/{index}") for index in range(3)]
        with Background(self.chain, hops):
            result = strait.run("-L", "--max-redirs", "2", "-", raw_server.url())
        result.failed_with(76, "more than 2 redirects", "/2", "--max-redirs")

    def test_do_not_leave_tls(self, strait, certs, raw_server):
        server = RawServer(tls=certs.server.server_context())
        with Background(self.chain, [(server, "302 Found", raw_server.url("/plain"))]):
            result = strait.run("--cacert", certs.ca.cert, "-L", "-", server.url())
        result.failed_with(76, raw_server.url("/plain"), "nothing is encrypted", "--insecure")
        server.close()

    def test_lead_into_tls(self, strait, certs, raw_server):
        server = RawServer(tls=certs.server.server_context())

        def play():
            self.chain([(raw_server, "301 Moved Permanently", server.url("/secure").replace("wss", "https"))])
            return server.accept()

        with Background(play) as played:
            dialer = strait("--cacert", certs.ca.cert, "-L", "-", raw_server.url())
            peer = played.result()
        dialer.stream.end()
        peer.send_close()
        assert dialer.finish().code == 0
        server.close()

    def test_to_no_websocket(self, strait, raw_server):
        with Background(self.chain, [(raw_server, "302 Found", "ftp://f.example/")]):
            result = strait.run("-L", "-", raw_server.url())
        result.failed_with(76, "ftp://f.example/")

    def test_are_not_followed_unless_asked_for(self, strait, raw_server):
        with Background(self.chain, [(raw_server, "302 Found", "/x")]):
            result = strait.run("-", raw_server.url())
        result.failed_with(76, "HTTP 302 Found", "Location: /x", "--location")

    @pytest.mark.parametrize("options", [[], ["-L", "--max-redirs", 0]])
    def test_what_may_be_secret_is_not_shown(self, strait, raw_server, options):
        location = "https://me:hunter2@idp.example/login?next=/ssh%3Ftoken=s3cret"
        with Background(self.chain, [(raw_server, "302 Found", location)]):
            result = strait.run(*options, "-", raw_server.url("/ssh?token=s3cret"))
        line = result.failed_with(76, "https://idp.example/login?next=/ssh%3Ftoken=…")
        assert "hunter2" not in line and "s3cret" not in line


def test_a_refusal_shows_the_first_200_bytes_of_its_body(strait, raw_server):
    def play():
        sock, _ = raw_server.accept_request()
        refuse(sock, "500 Internal Server Error", body=b"a" * 199 + b"bc" + b"d" * 1000)

    with Background(play):
        line = strait.run("-", raw_server.url()).failed_with(76, "HTTP 500 Internal Server Error", "a" * 199 + 'b"')
    assert "bc" not in line

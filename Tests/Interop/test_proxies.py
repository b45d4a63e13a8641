# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Through squid, tinyproxy, dante, microsocks and HAProxy (TLS); and through proxies that do what none should."""

import socket
import time

import pytest

from other_programs import haproxy_tcp
from proxies import PASSWORD, USER, PlayedProxy, connect_proxy, dante, microsocks, squid, tinyproxy
from streams import END, connect, free_port
from waiting import MIB, payload, same_bytes

DATA = payload(5 * MIB)

#: `name: (how to start it, scheme, credentials)`
PROXIES = {
    "squid": (squid, "http", f"{USER}:{PASSWORD}@"),
    "tinyproxy": (tinyproxy, "http", ""),
    "dante": (dante, "socks5", ""),
    "dante, which resolves": (dante, "socks5h", ""),
    "microsocks": (microsocks, "socks5h", f"{USER}:{PASSWORD}@"),
}


@pytest.fixture(params=PROXIES)
def proxy(request, programs):
    start, scheme, credentials = PROXIES[request.param]
    return f"{scheme}://{credentials}127.0.0.1:{start(programs)}"


@pytest.fixture
def secure_listener(strait, certs):
    """`wss-listen:` in front of a service, and the options of its client."""

    def start(service):
        listener = strait("--cert", certs.server.cert, "--key", certs.server.key, "wss-listen:0/x", service)
        return f"wss://localhost:{listener.port}/x", ("--cacert", certs.ca.cert)

    return start


class TestThroughEach:
    def test_ws(self, strait, proxy):
        url = strait("ws-listen:0", "echo:").url
        assert strait.run("-x", proxy, url, input=b"data").succeeded() == b"data"

    def test_wss_with_half_close_of_5_mib(self, strait, proxy, secure_listener, service):
        """The service answers only once it has seen the end of the request."""
        url, trust = secure_listener(service.address)
        client = strait("-x", proxy, *trust, url)
        sent = client.stream.post(DATA, then=client.stream.end)
        behind = service.accept()
        same_bytes(behind.read_to_end(), DATA, "request")
        answer = behind.post(DATA[::-1], then=behind.end)
        same_bytes(client.stream.read_to_end(), DATA[::-1], "answer")
        sent.result(), answer.result()
        client.wait().succeeded()

    def test_tcp_whose_service_speaks_first(self, strait, proxy, service):
        client = strait("-x", proxy, service.address)
        behind = service.accept()
        behind.send(b"banner")
        assert client.stream.read_exactly(6) == b"banner"
        client.stream.send(b"hello")
        assert behind.read_exactly(5) == b"hello"
        behind.end()
        behind.close()
        client.stream.end()
        assert client.finish().code in (0, 74)  # some end the other direction by a reset

    def test_listening_local(self, strait, proxy):
        """Each connection has a tunnel of its own."""
        url = strait("ws-listen:0", "echo:").url
        forward = strait("-x", proxy, "tcp-listen:0", url)
        for word in (b"one", b"two"):
            client = connect(("127.0.0.1", forward.port))
            client.send(word)
            client.end()
            assert client.read_to_end() == word


@pytest.fixture
def target(strait):
    return strait("ws-listen:0", "echo:").url


class TestCredentials:
    def test_option_takes_the_place_of_the_address(self, strait, programs, target):
        proxy = f"http://other:wrong@127.0.0.1:{squid(programs)}"
        result = strait.run("--proxy", proxy, "--proxy-user", f"{USER}:{PASSWORD}", target, input=b"data")
        assert result.succeeded() == b"data"

    def test_percent_encoded_as_with_curl(self, strait, programs, target):
        proxy = f"http://{USER}:%73esame@127.0.0.1:{squid(programs)}"
        assert strait.run("-x", proxy, target, input=b"data").succeeded() == b"data"

    @pytest.mark.parametrize("start", [squid, lambda programs: tinyproxy(programs, authenticates=True)])
    def test_none(self, strait, programs, target, start):
        port = start(programs)
        result = strait.run("-x", f"127.0.0.1:{port}", target)
        result.failed_with(
            77, target, f"proxy http://127.0.0.1:{port}", "407", "Proxy-Authenticate: Basic realm=", "--proxy-user"
        )

    def test_wrong_password_over_http(self, strait, programs, target):
        port = squid(programs)
        result = strait.run("-vv", "-x", f"http://{USER}:hunter2@127.0.0.1:{port}", target)
        assert not [line for line in result.lines if "hunter2" in line or USER in line], result.lines
        result.lines = result.lines[-1:]
        result.failed_with(77, target, f"proxy http://127.0.0.1:{port}", "407", "Basic", "check user and password")

    def test_wrong_password_over_socks(self, strait, programs, target):
        port = microsocks(programs)
        result = strait.run("-x", f"socks5h://{USER}:hunter2@127.0.0.1:{port}", target)
        result.failed_with(77, target, f"proxy socks5h://127.0.0.1:{port}", "user or password is wrong")

    def test_none_over_socks(self, strait, programs, target):
        result = strait.run("-x", f"socks5h://127.0.0.1:{microsocks(programs)}", target)
        result.failed_with(77, target, "wants user and password", "--proxy-user")


class TestRefusals:
    def test_squid_forbids(self, strait, programs):
        proxy = f"{USER}:{PASSWORD}@127.0.0.1:{squid(programs)}"
        strait.run("-x", proxy, "ws://127.0.0.7/").failed_with(77, "ws://127.0.0.7/", "proxy http", "403 Forbidden", "rules")

    def test_dante_forbids(self, strait, programs):
        result = strait.run("-x", f"socks5://127.0.0.1:{dante(programs)}", "ws://127.0.0.7/")
        result.failed_with(77, "ws://127.0.0.7/", "proxy socks5", "not allowed by ruleset")

    def test_squid_finds_nobody_there(self, strait, programs):
        proxy = f"{USER}:{PASSWORD}@127.0.0.1:{squid(programs)}"
        url = f"ws://127.0.0.1:{free_port()}/"
        strait.run("-x", proxy, url).failed_with(69, url, "503 Service Unavailable", "ERR_CONNECT_FAIL 111")

    def test_dante_finds_nobody_there(self, strait, programs):
        url = f"ws://127.0.0.1:{free_port()}/"
        strait.run("-x", f"socks5://127.0.0.1:{dante(programs)}", url).failed_with(69, url, "connection refused")

    def test_unknown_proxy(self, strait, target):
        result = strait.run("-x", "http://no-such-host.invalid:3128", target)
        result.failed_with(68, target, "proxy http://no-such-host.invalid:3128", "no-such-host.invalid")

    def test_unknown_host_by_our_own_resolver(self, strait, programs):
        result = strait.run("-x", f"socks5://127.0.0.1:{dante(programs)}", "ws://no-such-host.invalid/")
        result.failed_with(68, "ws://no-such-host.invalid/", "no-such-host.invalid")

    @pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
    def test_dead_proxy(self, strait, target, scheme):
        proxy = f"{scheme}://127.0.0.1:{free_port()}"
        strait.run("-x", proxy, target).failed_with(69, target, f"proxy {proxy}", "refused")

    @pytest.mark.parametrize("scheme", ["http", "https", "socks5h"])
    def test_proxy_that_hangs(self, strait, target, scheme):
        with PlayedProxy(lambda sock: time.sleep(0)) as proxy:
            url = f"{scheme}://127.0.0.1:{proxy.port}"
            result = strait.run("--connect-timeout", "300ms", "-x", url, target)
        result.failed_with(69, target, f"proxy {url}", "timed out", "no answer from the proxy within 300ms")


def answering(*answers):
    """Sends these, each after something has come, then its end."""

    def play(sock):
        for answer in answers:
            sock.recv(4096)
            sock.sendall(answer)
        sock.shutdown(socket.SHUT_WR)
        while sock.recv(4096):
            pass

    return PlayedProxy(play)


class TestAnswersOfHTTPProxies:
    CASES = {
        "302": (b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\n\r\n", 76, "HTTP 302 Found"),
        "body": (b"HTTP/1.1 403 Forbidden\r\nContent-Length: 9\r\n\r\nnot today", 77, 'Forbidden: "not today"'),
        "chunked body": (
            b"HTTP/1.1 403 Forbidden\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nnot\r\n6\r\n today\r\n0\r\n\r\n",
            77,
            'Forbidden: "not today"',
        ),
        "long body": (b"HTTP/1.1 500 No\r\n\r\n" + b"x" * 300 + b"y", 76, f'"{"x" * 200}"'),
        "body for terminals": (b"HTTP/1.1 500 No\r\n\r\n\x1b[31mred", 76, '"[31mred"'),
        "407 without a scheme": (b"HTTP/1.1 407 No\r\nContent-Length: 0\r\n\r\n", 77, "without Proxy-Authenticate"),
        "407 without Basic": (
            b"HTTP/1.1 407 No\r\nProxy-Authenticate: NTLM\r\nProxy-Authenticate: Negotiate\r\n\r\n",
            77,
            "Proxy-Authenticate: NTLM, Negotiate (it offers no Basic",
        ),
        "504": (b"HTTP/1.1 504 Gateway Timeout\r\n\r\n", 69, "can't reach the host"),
        "101": (b"HTTP/1.1 101 Switching Protocols\r\n\r\n", 76, "HTTP 101"),
        "no HTTP": (b"SSH-2.0-OpenSSH\r\n\r\n", 76, "not HTTP"),
        "nothing": (b"", 76, "closed the connection before it had answered"),
        "half an answer": (b"HTTP/1.1 200 Conn", 76, "closed the connection before it had answered"),
        "endless head": (b"HTTP/1.1 200 OK\r\nX: " + b"x" * (17 << 10), 76, "limit of 16k"),
    }

    @pytest.mark.parametrize("name", CASES)
    def test_answer(self, strait, target, name):
        answer, code, needle = self.CASES[name]
        with answering(answer) as proxy:
            result = strait.run("-x", f"127.0.0.1:{proxy.port}", target)
        line = result.failed_with(code, target, f"proxy http://127.0.0.1:{proxy.port}", needle)
        assert line.isprintable()

    SUCCESSES = {
        "with a length": b"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\n",
        "chunked": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n",
        "of HTTP/1.0": b"HTTP/1.0 200 Connection established\r\n\r\n",
        "204": b"HTTP/1.1 204 No Content\r\n\r\n",
        "after 100": b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\n\r\n",
    }

    @pytest.mark.parametrize("name", SUCCESSES)
    def test_any_2xx_is_success_whatever_it_says_of_a_body(self, strait, target, name):
        with connect_proxy([], self.SUCCESSES[name]) as proxy:
            result = strait.run("-x", f"127.0.0.1:{proxy.port}", target, input=b"data")
            assert result.succeeded() == b"data"

    @pytest.mark.parametrize("scheme,answers", [
        ("http", [b"HTTP/1.1 200 OK\r\n\r\n"]),
        ("socks5h", [b"\x05\x00", b"\x05\x00\x00\x01\x00\x00\x00\x00\x00\x00"]),
    ])
    def test_what_lies_behind_the_answer_is_the_targets(self, strait, scheme, answers):
        """Banner and end in one segment with the answer."""
        with answering(*answers[:-1], answers[-1] + b"banner") as proxy:
            client = strait("-x", f"{scheme}://127.0.0.1:{proxy.port}", "tcp:target.example:22")
            assert client.stream.read_to_end() == b"banner"
            client.stream.end()
            client.wait().succeeded()


class TestAnswersOfSOCKSProxies:
    GREETING = b"\x05\x00"

    @pytest.mark.parametrize("reply,code,words", [
        (1, 69, "general SOCKS server failure"), (2, 77, "not allowed by ruleset"), (3, 69, "network unreachable"),
        (4, 69, "host unreachable"), (5, 69, "connection refused"), (6, 69, "TTL expired"),
        (7, 76, "command not supported"), (8, 76, "address type not supported"), (9, 76, "reply 9"),
    ])
    def test_reply(self, strait, target, reply, code, words):
        with answering(self.GREETING, bytes([5, reply, 0, 1, 0, 0, 0, 0, 0, 0])) as proxy:
            result = strait.run("-x", f"socks5h://127.0.0.1:{proxy.port}", target)
        result.failed_with(code, target, f"proxy socks5h://127.0.0.1:{proxy.port}", words)

    @pytest.mark.parametrize("answers,words", [
        ([b"HTTP/1.1 400 Bad Request\r\n\r\n"], "use http://"), ([b"\x04\x5b"], "not SOCKS 5"),
        ([b"\x05\x01"], "method 1"), ([b""], "before it had answered"), ([GREETING, b"\x05"], "before it had answered"),
        ([GREETING, b"\x05\x00\x00\x02\x00\x00"], "RFC 1928"),
    ])
    def test_no_socks(self, strait, target, answers, words):
        with answering(*answers) as proxy:
            strait.run("-x", f"socks5h://127.0.0.1:{proxy.port}", target).failed_with(76, target, words)


class TestRequest:
    def test_connect_names_host_and_port_and_no_header_of_the_target(self, strait, target):
        requests = []
        port = target.rstrip("/").rpartition(":")[2]
        with connect_proxy(requests) as proxy:
            strait.run(
                *("-x", f"http://{USER}:{PASSWORD}@127.0.0.1:{proxy.port}/", "-H", "X-Secret: for the target"),
                *("--proxy-header", "X-For: the proxy", "--proxy-header", "User-Agent: mine"),
                target,
                input=b"data",
            ).succeeded()
        request, = requests
        assert request.words[0] == "CONNECT"
        assert request.target == request.headers["host"] == f"127.0.0.1:{port}"
        assert request.headers["proxy-authorization"] == "Basic YWxpY2U6c2VzYW1l"
        assert request.headers["x-for"] == "the proxy"
        assert request.headers["user-agent"] == "mine"
        assert "x-secret" not in request.headers

    def test_target_gets_nothing_that_is_for_the_proxy(self, strait, raw_server):
        with connect_proxy([]) as proxy:
            client = strait("-x", f"{USER}:{PASSWORD}@127.0.0.1:{proxy.port}", "--proxy-header", "X: y", raw_server.url())
            sock, request = raw_server.accept_request()
            assert "proxy-authorization" not in request.headers and "x" not in request.headers
            sock.close()
            client.wait()


class TestTLS:
    """HAProxy puts TLS in front of tinyproxy."""

    @pytest.fixture
    def port(self, programs, certs):
        return haproxy_tcp(programs, tinyproxy(programs), certs.server)

    def test_ws_and_wss_within(self, strait, port, certs, target, secure_listener):
        to_proxy = ("-x", f"https://localhost:{port}", "--proxy-cacert", certs.ca.cert)
        assert strait.run(*to_proxy, target, input=b"data").succeeded() == b"data"
        url, trust = secure_listener("echo:")
        same_bytes(strait.run(*to_proxy, *trust, url, input=DATA).succeeded(), DATA)

    def test_untrusted(self, strait, port, target):
        result = strait.run("-x", f"https://localhost:{port}", target)
        result.failed_with(77, target, f"proxy https://localhost:{port}", "certificate", "--proxy-cacert", "--proxy-insecure")

    def test_insecure_is_an_option_of_its_own(self, strait, port, target):
        assert strait.run("-k", "-x", f"https://localhost:{port}", target).code == 77
        result = strait.run("--proxy-insecure", "-x", f"https://localhost:{port}", target, input=b"data")
        assert result.stdout == b"data"
        assert result.code == 0

    def test_proxy_without_tls(self, strait, target):
        with answering(b"HTTP/1.1 400 Bad Request\r\n\r\n") as proxy:
            url = f"https://127.0.0.1:{proxy.port}"
            strait.run("-x", url, target).failed_with(76, f"proxy {url}", "TLS", "is it http://?")


class TestEnvironment:
    """A dead proxy shows which one was taken: no connection is made but to it."""

    @pytest.mark.parametrize("variable", ["ws_proxy", "WS_PROXY", "http_proxy", "all_proxy", "ALL_PROXY"])
    def test_ws(self, strait, variable):
        env = {variable: f"127.0.0.1:{free_port()}"}
        strait.run("ws://target.example/", env=env).failed_with(69, f"proxy http://{env[variable]}")

    @pytest.mark.parametrize("variable", ["wss_proxy", "WSS_PROXY", "https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"])
    def test_wss(self, strait, variable):
        env = {variable: f"127.0.0.1:{free_port()}"}
        strait.run("wss://target.example/", env=env).failed_with(69, f"proxy http://{env[variable]}")

    @pytest.mark.parametrize("variables,arguments", [
        (["HTTP_PROXY", "https_proxy"], []),
        (["http_proxy"], ["--proxy", ""]),
        (["http_proxy"], ["--noproxy", "*"]),
        (["http_proxy"], ["--noproxy", "elsewhere.example,127.0.0.0/8"]),
    ])
    def test_ws_goes_directly(self, strait, target, variables, arguments):
        env = {variable: "127.0.0.1:1" for variable in variables}
        assert strait.run(*arguments, target, input=b"data", env=env).succeeded() == b"data"

    @pytest.mark.parametrize("variable", ["no_proxy", "NO_PROXY"])
    def test_exceptions(self, strait, target, variable):
        env = {"all_proxy": "127.0.0.1:1", variable: "127.0.0.1"}
        assert strait.run(target, input=b"data", env=env).succeeded() == b"data"
        assert strait.run("-x", "127.0.0.1:1", target, input=b"data", env=env).succeeded() == b"data"
        strait.run("--noproxy", "", target, env=env).failed_with(69, "proxy http://127.0.0.1:1")

    def test_tcp_goes_directly(self, strait, service):
        client = strait(service.address, env={"all_proxy": "127.0.0.1:1"})
        behind = service.accept()
        behind.end()
        client.stream.end()
        assert behind.until_broken() == (b"", END)
        client.wait().succeeded()

    def test_unusable_one_is_named_once_it_is_needed(self, strait, target):
        env = {"https_proxy": "ftp://user:hunter2@host"}
        assert strait.run(target, input=b"data", env=env).succeeded() == b"data"
        line = strait.run("wss://target.example/", env=env).failed_with(64, "https_proxy", "no such kind of proxy")
        assert "hunter2" not in line


class TestUsage:
    @pytest.mark.parametrize("proxy,needle", [
        ("socks4://h:1", "SOCKS 4"), ("socks4a://h:1", "SOCKS 4"), ("ftp://h:1", "no such kind"), ("http://", ""),
        ("h:65536", "65536"), ("http://user:hunter2@:1", ""), (f"socks5://{'u' * 256}:p@h", "too long"),
    ])
    def test_is_named(self, strait, proxy, needle):
        line = strait.run("-x", proxy, "ws://h/").failed_with(64, "--proxy", needle)
        assert "hunter2" not in line

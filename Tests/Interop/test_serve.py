# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""`strait serve`: which request is led where, who may come in, what is refused, and how much anybody gets."""

import base64
import ctypes
import hashlib
import os
import re
import resource
import select
import signal
import socket
import ssl
import subprocess
import textwrap
import time

import pytest

from certificates import Certificate, openssl
from other_programs import nginx, program, ssh_server
from raw_peer import BINARY, CLOSE, connect_raw, read_head, upgrade_request
from streams import connect, free_port
from waiting import until


def serve(strait, *arguments, listen="ws://127.0.0.1:0", **how):
    return strait("serve", "--listen", listen, *arguments, **how)


def dial(server):
    return connect(("127.0.0.1", server.port))


def ask(server, path="/", host="127.0.0.1", headers=(), head=None):
    """The head of the answer to a request for a WebSocket."""
    client = dial(server)
    client.send((head or upgrade_request(path, host=host, headers=headers)).encode("latin-1"))
    answer = read_head(client.socket)[0]
    client.close()
    return answer


def says(server, path, text, *headers):
    """What comes back for a message."""
    peer = connect_raw(dial(server), path, *headers)
    peer.send(BINARY, text)
    data = peer.read_data(len(text))
    peer.close()
    return data


class TestRoutes:
    def test_each_path_has_its_service(self, strait, service, short_path):
        server = serve(
            strait, "--route", f"/tcp={service.address}", "--route", "/echo=echo:",
            "--route", "/say=exec:printf hello",
        )
        assert says(server, "/echo?x=1", b"abc") == b"abc"
        peer = connect_raw(dial(server), "/tcp")
        peer.send(BINARY, b"to the service")
        assert service.accept().read_exactly(14) == b"to the service"
        assert connect_raw(dial(server), "/say").read_data(5) == b"hello"

    def test_a_host_has_routes_of_its_own(self, strait):
        server = serve(
            strait, "--route", "//a.example/x=exec:printf a", "--route", "//b.example/x=exec:printf b",
        )
        for host, status in [("a.example", 101), ("B.EXAMPLE:80", 101), ("c.example", 404), ("a.example.evil", 404)]:
            assert ask(server, "/x", host=host).status == status, host

    def test_a_service_that_comes_late_is_waited_for(self, strait):
        port = free_port()
        server = serve(strait, "--route", f"/late=tcp:127.0.0.1:{port}", "--retry", "20", "--retry-delay", "50ms")
        client = dial(server)
        client.send(upgrade_request("/late").encode())
        server.line("retry 1 of 20 in 50ms")
        listener = socket.create_server(("127.0.0.1", port))
        assert read_head(client.socket)[0].status == 101
        listener.close()

    def test_messages_are_compressed_when_both_want_it(self, strait, tmp_path):
        config = write(tmp_path, """
            listen: ws://127.0.0.1:0
            route: ['/=echo:']
            compressed: true
            compress-window: 9
        """)
        server = strait("serve", "--config", config)
        offer = "Sec-WebSocket-Extensions: permessage-deflate; client_max_window_bits"
        assert "server_max_window_bits=9" in ask(server, headers=[offer]).headers["sec-websocket-extensions"]
        dialer = strait("--compressed", "-v", "-", server.url, "--max-frame", "1k")
        assert dialer.exchange(bytes(100_000)).stdout == bytes(100_000)
        assert "permessage-deflate" in dialer.line("HTTP 101.*").group(0)
        assert "permessage-deflate" not in ask(serve(strait, "--route", "/=echo:"), headers=[offer]).headers.get(
            "sec-websocket-extensions", ""
        )

    def test_frames_are_no_longer_than_wanted(self, strait):
        server = serve(strait, "--route", "/=echo:", "--max-frame", "1k")
        peer = connect_raw(dial(server))
        with peer.post(bytes(100_000)):
            left = 100_000
            while left > 0:
                frame = peer.read_frame()
                assert 0 < len(frame.payload) <= 1024
                left -= len(frame.payload)

    def test_all_listeners_lead_to_the_same_routes(self, strait, short_path, certs):
        path = short_path / "s"
        server = serve(
            strait, "--listen", f"unix:{path}", "--listen", "wss://127.0.0.1:0", "--cert", certs.server.cert,
            "--key", certs.server.key, "--route", "/echo=echo:",
        )
        server.line(f"listening on ws\\+unix:{path}")
        server.line("listening on wss://127.0.0.1:")
        assert says(server, "/echo", b"abc") == b"abc"
        peer = connect_raw(connect(str(path)), "/echo")
        peer.send(BINARY, b"abc")
        assert peer.read_data(3) == b"abc"

    def test_a_dead_service_is_502(self, strait):
        server = serve(strait, "--route", "/dead=tcp:127.0.0.1:1")
        assert ask(server, "/dead").status == 502
        server.line("tcp:127.0.0.1:1: .*refused")

    def test_a_program_learns_of_the_request(self, strait):
        server = serve(strait, "--route", "/env/{name}=exec:env")
        peer = connect_raw(
            dial(server), "/env/n%20m?q=1", "X-Own: 1", "Proxy: http://evil", "X_Under: 2", "Authorization: Basic eA==",
            "X-Shell: () { :;}; echo x", "X-Own: 2",
        )
        lines = peer.read_to_close()[0].decode().splitlines()
        for line in [
            "PATH_INFO=/env/n%20m", "QUERY_STRING=q=1", "REMOTE_ADDR=127.0.0.1", "HTTP_X_OWN=1, 2", "STRAIT_PATH_NAME=n m",
            "HTTP_HOST=127.0.0.1", "REQUEST_METHOD=GET",
        ]:
            assert line in lines
        names = {line.partition("=")[0] for line in lines}
        assert not names & {"HTTP_PROXY", "HTTP_X_UNDER", "HTTP_AUTHORIZATION", "HTTP_X_SHELL", "HTTP_SEC_WEBSOCKET_KEY"}


class TestTargetsOfTheRequest:
    ROUTE = ("--route", "/tcp/{host}/{port}=tcp:{host}:{port}")

    def test_a_rule_lets_its_addresses_and_ports_through(self, strait, service):
        port = service.port
        server = serve(strait, *self.ROUTE, "--allow", f"127.0.0.0/8:{port}")
        peer = connect_raw(dial(server), f"/tcp/127.0.0.1/{port}")
        peer.send(BINARY, b"abc")
        assert service.accept().read_exactly(3) == b"abc"
        assert ask(server, f"/tcp/127.0.0.1/{port + 1}").status == 403

    @pytest.mark.parametrize(
        "host", ["127.0.0.1", "localhost", "127.1", "2130706433", "0x7f.1", "0", "0.0.0.0", "::1", "::ffff:127.0.0.1", "169.254.169.254"]
    )
    @pytest.mark.parametrize("rules", [[], ["--allow", "0.0.0.0/0:*", "--allow", "[::/0]:*"]], ids=["none", "all"])
    def test_no_name_or_spelling_leads_to_this_machine(self, strait, service, host, rules):
        server = serve(strait, *self.ROUTE, *rules)
        assert ask(server, f"/tcp/{host}/{service.port}").status == 403
        server.line("no --allow rule permits|is no part of an address")
        assert not select.select([service.socket], [], [], 0)[0]

    @pytest.mark.skipif(os.geteuid() != 0, reason="only root can give a program an /etc/hosts of its own")
    def test_a_name_is_as_good_as_its_addresses(self, strait, service, tmp_path):
        hosts = tmp_path / "hosts"
        hosts.write_text("127.0.0.1 rebound.example two.example\n127.9.9.9 two.example\n169.254.169.254 linklocal.example\n")
        wrapper = ["unshare", "--mount", "sh", "-c", f'mount --bind {hosts} /etc/hosts && exec "$0" "$@"']
        names = ["rebound.example", "two.example", "linklocal.example"]
        everything = ["--allow", "0.0.0.0/0:*", "--allow", "[::/0]:*"]
        server = serve(strait, *self.ROUTE, *everything, wrapper=wrapper)
        for name in names:
            assert ask(server, f"/tcp/{name}/{service.port}").status == 403, name
            server.line(f"{name}.*no --allow rule permits")
        assert not select.select([service.socket], [], [], 0)[0]
        # Of two addresses, the one that a rule names is connected to.
        server = serve(strait, *self.ROUTE, "--allow", f"127.0.0.1:{service.port}", wrapper=wrapper)
        for name, status in zip(names, [101, 101, 403]):
            assert ask(server, f"/tcp/{name}/{service.port}").status == status, name

    @pytest.mark.parametrize("path", ["/tcp/-x/22", "/tcp/a@b/22", "/tcp/%5b::1%5d/22", "/tcp/h/22a", "/tcp/h/0", "/tcp/h/65536"])
    def test_what_is_no_host_or_port_is_refused(self, strait, path):
        server = serve(strait, *self.ROUTE, "--allow", "0.0.0.0/0:*")
        assert ask(server, path).status in (400, 403)

    def test_a_socket_in_a_named_folder(self, strait, short_path):
        (short_path / "s").mkdir()
        back = serve(strait, "--route", "/=echo:", listen=f"unix:{short_path}/s/echo")
        back.line("listening")
        rules = ("--route", f"/u/{{name}}=ws+unix:{short_path}/s/{{name}}:/", "--allow", f"unix:{short_path}/s/")
        assert says(serve(strait, *rules), "/u/echo", b"abc") == b"abc"
        server = serve(strait, *rules[:2])
        assert ask(server, "/u/echo").status == 403


class TestTricks:
    @pytest.mark.parametrize(
        "path, status",
        [
            ("/admin", 101), ("/Admin", 404), ("/ADMIN", 404), ("/admin/", 404), ("//admin", 400), ("/x//admin", 400),
            ("/x/../admin", 400), ("/./admin", 400), ("/x/%2e%2e/admin", 400), ("/%2E/admin", 400), ("/%61dmin", 400),
            ("/admin%00", 400), ("/admin%2f", 400), ("/x%5c..%5cadmin", 400), ("/x\\..\\admin", 400), ("/admin%", 400),
            ("/adm\xefn", 400), ("/%c0%ae%c0%ae/admin", 400), ("/admin;x=1", 404), ("/x/..;/admin", 400), ("admin", 400),
            ("http://127.0.0.1/admin", 101), ("http://other.example/admin", 400), ("/admin#x", 400), ("/%252e%252e/admin", 400),
        ],
    )
    def test_a_path_means_what_it_says(self, strait, path, status):
        assert ask(serve(strait, "--route", "/admin=echo:"), path).status == status

    @pytest.mark.parametrize(
        "headers",
        [
            ["Host: other"], ["Content-Length: 5"], ["Transfer-Encoding: chunked"], ["Transfer-Encoding : chunked"],
            ["Content-Length: 0", "Content-Length: 5"], ["Transfer-Encoding: xchunked"], ["Transfer-Encoding:\x0bchunked"],
            ["X: a\r\n folded"],
        ],
        ids=repr,
    )
    def test_what_two_readers_could_read_differently_is_400(self, strait, headers):
        server = serve(strait, "--route", "/=echo:")
        assert ask(server, "/", headers=headers).status == 400

    def test_a_request_without_a_host_is_400(self, strait):
        server = serve(strait, "--route", "/=echo:")
        head = upgrade_request("/").replace("Host: 127.0.0.1\r\n", "")
        assert ask(server, head=head).status == 400
        for host in ["", "a b", "a/b", "a@b", "a,b", "[::1"]:
            assert ask(server, "/", host=host).status == 400, host


class TestAccess:
    @pytest.mark.parametrize("origin", ["app.example", "://h", "https:/h", "https:h", "a:b://h", "https://", "https://h/"])
    def test_an_origin_is_a_scheme_and_a_host(self, strait, origin):
        result = strait.run("serve", "--listen", "ws://:0", "--route", "/=echo:", "--origin", origin)
        assert result.code == 64
        assert f"{origin} is no origin" in result.lines[0]

    def test_origins_and_networks(self, strait):
        server = serve(strait, "--route", "/=echo:", "--origin", "https://app.example")
        for origin, status in [
            ("https://app.example", 101), ("https://APP.example", 101), ("https://app.example.evil", 403), ("null", 403),
            ("http://app.example", 403), ("https://app.example:444", 403),
        ]:
            assert ask(server, headers=[f"Origin: {origin}"]).status == status, origin
        assert ask(server).status == 101
        assert ask(serve(strait, "--route", "/=echo:", "--from", "10.0.0.0/8")).status == 403
        assert ask(serve(strait, "--route", "/=echo:", "--from", "127.0.0.0/8")).status == 101


PASSWORD, TOKEN = "se:cr\u00e9t", "0123456789abcdef0123"


def hashed(password, setting):
    """By the system's crypt(3), as htpasswd does it."""
    library = ctypes.CDLL("libcrypt.so.1")
    library.crypt.restype = ctypes.c_char_p
    return library.crypt(password.encode(), setting.encode()).decode()


def basic(user, password=PASSWORD):
    return "Authorization: Basic " + base64.b64encode(f"{user}:{password}".encode()).decode()


@pytest.fixture(scope="module")
def credentials(tmp_path_factory):
    """Options that ask for a user or a token."""
    folder = tmp_path_factory.mktemp("credentials")
    users = folder / "users"
    users.write_text(
        "# who may come in\n"
        + "".join(
            f"{name}:{hashed(PASSWORD, setting)}\n"
            for name, setting in [
                ("bcrypt", "$2b$05$abcdefghijklmnopqrstuu"), ("htpasswd", "$2y$05$abcdefghijklmnopqrstuu"),
                ("sha256", "$5$rounds=1000$salt"), ("sha512", "$6$salt"),
            ]
        )
    )
    tokens = folder / "tokens"
    digest = hashlib.sha256(b"of a hash").hexdigest()
    tokens.write_text(f"{TOKEN} build server\nsha256:{digest}\n")
    return "--users", users, "--tokens", tokens


class TestCredentials:
    def test_each_kind_of_hash_opens_the_route(self, strait, credentials):
        server = serve(strait, "--route", "/=echo:", *credentials)
        for user in ["bcrypt", "htpasswd", "sha256", "sha512"]:
            for _ in range(2):
                assert ask(server, headers=[basic(user)]).status == 101, user
            for wrong in ["", "se:cr", PASSWORD + "x", PASSWORD.upper(), PASSWORD + "\0"]:
                assert ask(server, headers=[basic(user, wrong)]).status == 401, (user, wrong)
        assert ask(server, headers=[basic("nobody")]).status == 401
        server.line("wrong user or password")
        assert PASSWORD not in "\n".join(server.said)

    def test_a_token_opens_the_route_whole(self, strait, credentials):
        server = serve(strait, "--route", "/=echo:", *credentials)
        for token in [TOKEN, "of a hash"]:
            assert ask(server, headers=[f"Authorization: Bearer {token}"]).status == 101
        digest = hashlib.sha256(b"of a hash").hexdigest()
        for token in ["", TOKEN[:-1], TOKEN + "x", TOKEN.upper(), digest, f"sha256:{digest}", "build server"]:
            assert ask(server, headers=[f"Authorization: Bearer {token}"]).status == 401, token
        assert not any(TOKEN[:-1] in line for line in server.said)

    def test_who_shows_nothing_is_told_what_is_wanted(self, strait, credentials):
        server = serve(strait, "--route", "/=echo:", *credentials)
        answer = ask(server)
        assert answer.status == 401
        assert answer.headers["www-authenticate"] == 'Basic realm="strait", charset="UTF-8", Bearer realm="strait"'
        both = [f"Authorization: Bearer {TOKEN}", basic("bcrypt")]
        assert ask(server, headers=both).status == 401
        assert ask(server, headers=["Authorization: Digest x"]).status == 401

    def test_a_relay_is_let_in(self, strait, credentials):
        server = serve(strait, "--route", "/=echo:", *credentials)
        url = server.url
        assert strait.run("-u", f"sha512:{PASSWORD}", "-", url, input=b"abc").succeeded() == b"abc"
        assert strait.run("-H", f"Authorization: Bearer {TOKEN}", "-", url, input=b"abc").succeeded() == b"abc"
        strait.run("-", url, input=b"abc").failed_with(77, "HTTP 401")

    def test_a_program_learns_who_it_is(self, strait, credentials):
        server = serve(strait, "--route", "/=exec:printenv REMOTE_USER", *credentials)
        peer = connect_raw(dial(server), "/", basic("bcrypt"))
        assert peer.read_data(7) == b"bcrypt\n"

    def test_slow_hashes_hold_up_nobody_else(self, strait, tmp_path):
        users = tmp_path / "users"
        users.write_text(f"slow:{hashed(PASSWORD, '$2b$13$abcdefghijklmnopqrstuu')}\n")
        server = serve(strait, "--route", "/free=discard:", "--config", write(tmp_path, f"""
            route:
              - path: /slow
                to: 'echo:'
                users: {users}
        """))
        clients = [dial(server) for _ in range(80)]
        for index, client in enumerate(clients):
            client.send(upgrade_request("/slow", headers=[basic("slow", f"wrong {index}")]).encode())
        # Those that are too many are told so at once, while the others wait for their turn.
        busy = until(
            lambda: [c for c in clients if select.select([c.socket], [], [], 0)[0]], "answers to those that are too many"
        )
        assert read_head(busy[0].socket)[0].status == 503
        assert fastest(lambda: ask(server, "/free").status == 101) < 0.1


class TestClientCertificates:
    @staticmethod
    def client(folder, *issuer):
        """A certificate for client.example, of this authority or signed by itself."""
        made = Certificate(folder / "client.pem", folder / "client.key")
        (folder / "extensions").write_text("subjectAltName=DNS:client.example\nextendedKeyUsage=clientAuth\n")
        key = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-keyout", made.key)
        openssl("req", "-new", *key, "-out", folder / "client.csr", "-subj", "/CN=client")
        openssl(
            "x509", "-req", "-in", folder / "client.csr", "-out", made.cert, "-days", 2, "-extfile", folder / "extensions",
            *(issuer or ("-signkey", made.key)),
        )
        return made

    def test_a_name_opens_its_route(self, strait, certs, tmp_path):
        client = self.client(tmp_path, "-CA", certs.ca.cert, "-CAkey", certs.ca.key, "-CAcreateserial")
        server = serve(
            strait, "-v", "--cert", certs.server.cert, "--key", certs.server.key, "--client-ca", certs.ca.cert,
            "--config", write(tmp_path, """
                route:
                  - path: /free
                    to: 'echo:'
                  - path: /named
                    to: 'echo:'
                    client-name: DNS:client.example
                  - path: /below
                    to: 'echo:'
                    client-name: ['URI:x:y', 'DNS:*.example']
                  - path: /other
                    to: 'echo:'
                    client-name: DNS:other.example
            """), listen="wss://127.0.0.1:0",
        )
        options = ["--cacert", certs.ca.cert]
        own = ["--cert", client.cert, "--key", client.key]
        url = f"wss://localhost:{server.port}"
        for path in ["/free", "/named", "/below"]:
            assert strait.run(*options, *own, "-", url + path, input=b"abc").succeeded() == b"abc", path
        server.line(r"TLSv1\.3 TLS_\S+, certificate: subject CN=client, issuer CN=Test authority, .* in \d")
        strait.run(*options, *own, "-", url + "/other", input=b"").failed_with(77, "HTTP 403")
        assert strait.run(*options, "-", url + "/free", input=b"abc").succeeded() == b"abc"
        strait.run(*options, "-", url + "/named", input=b"").failed_with(77, "HTTP 403")
        server.line("no certificate with a name is not in client-name")

    def test_a_certificate_of_another_authority_is_refused(self, strait, certs, tmp_path):
        server = serve(
            strait, "--cert", certs.server.cert, "--key", certs.server.key, "--client-ca", certs.ca.cert,
            "--route", "/=echo:", listen="wss://127.0.0.1:0",
        )
        foreign = self.client(tmp_path)
        result = strait.run(
            "--cacert", certs.ca.cert, "--cert", foreign.cert, "--key", foreign.key, "-", f"wss://localhost:{server.port}/",
            input=b"",
        )
        assert result.code in (69, 74, 76, 77)
        server.line("certificate verify failed|verification failed")


class TestRealServices:
    """sshd and Redis behind one listener, nginx in front of it."""

    @pytest.fixture
    def front(self, strait, programs, credentials):
        self.sshd = ssh_server(programs)
        redis = programs.listen(
            lambda port: (
                program("redis-server"), "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--appendonly", "no",
            )
        )
        server = serve(
            strait, "--route", f"/ssh=tcp:127.0.0.1:{self.sshd.port}", "--route", "/tcp/{host}/{port}=tcp:{host}:{port}",
            "--allow", f"127.0.0.1:{redis}", *credentials,
        )
        self.redis = redis
        return f"ws://127.0.0.1:{nginx(programs, server.port)}"

    def test_ssh_through_nginx_and_a_route(self, strait, front):
        command = f"{strait.binary} -u sha512:{PASSWORD} {front}/ssh"
        done = subprocess.run(
            ["ssh", *map(str, self.sshd.options), "-o", f"ProxyCommand={command}", "-o", f"User={self.sshd.user}", "host",
             "cat; exit 7"],
            input=b"through nginx", capture_output=True, env=strait.env, timeout=60,
        )
        assert (done.stdout, done.returncode) == (b"through nginx", 7), done.stderr

    def test_a_service_that_the_client_chooses(self, strait, front):
        ask_redis = b"SET k v\r\nGET k\r\nQUIT\r\n"
        token = f"Authorization: Bearer {TOKEN}"
        url = f"{front}/tcp/localhost/{self.redis}"
        said = strait.run("-H", token, "-", url, input=ask_redis).succeeded()
        assert said == b"+OK\r\n$1\r\nv\r\n+OK\r\n"
        strait.run("-", url, input=ask_redis).failed_with(77, "HTTP 401")
        strait.run("-H", token, "-", f"{front}/tcp/localhost/{self.sshd.port}", input=b"").failed_with(77, "HTTP 403")


class TestConfigurationFile:
    def test_keys_and_options_are_one(self, strait, tmp_path):
        path = write(tmp_path, """
            listen: ws://127.0.0.1:0
            max-links: 1
            route:
              - path: /a
                to: 'echo:'
        """)
        server = strait("serve", "--config", path, "--route", "/b=echo:", "--max-links", "2")
        peers = [connect_raw(dial(server), path) for path in ["/a", "/b"]]
        assert ask(server, "/a").status == 503
        del peers

    @pytest.mark.parametrize(
        "text, message",
        [
            ("listen: ws://:0\nrouts: x\n", ":2: routs: no such key (see strait.conf(5))"),
            ("listen: ws://:0\nmax-links: many\n", ':2: max-links: "many" is no number'),
            ("route:\n  - path: /a\n    to: tcp:h\n", ":3: route: tcp:h: no port"),
            ("route: [\n", "not YAML"), ("compressed: yes\n", ':1: compressed: "yes" is neither true nor false'),
            ("listen: ws://:0\nroute: ['/=echo:']\nusers: /nowhere\n", ":3: users: /nowhere: No such file"),
        ],
    )
    @pytest.mark.parametrize("check", [[], ["--check"]], ids=["run", "check"])
    def test_what_is_wrong_is_named_with_line_and_key(self, strait, tmp_path, text, message, check):
        path = tmp_path / "strait.yaml"
        path.write_text(text)
        result = strait.run("serve", "--config", path, *check)
        assert result.code == 64
        assert len(result.lines) == 1 and message in result.lines[0] and "strait.yaml" in result.lines[0]

    def test_a_wrong_line_of_users_is_named(self, strait, tmp_path):
        users = tmp_path / "users"
        users.write_text("# plain\nada:secret\n")
        result = strait.run("serve", "--listen", "ws://:0", "--route", "/=echo:", "--users", users, "--check")
        assert f"{users}:2: ada: neither bcrypt nor SHA-crypt" in result.lines[0]
        assert "secret" not in result.lines[0]

    @pytest.mark.parametrize(
        "wrong, message",
        [
            ({"cert": "{missing}"}, "cert: {missing}: No such file"), ({"key": "{other}"}, "key: {other}: the key does not belong"),
            ({"cert": "{empty}"}, "cert: {empty}: not PEM"), ({"ocsp": "{empty}"}, "ocsp: {empty}: "),
            ({"client-ca": "{empty}"}, "client-ca: {empty}: "), ({"cacert": "{missing}"}, "cacert: {missing}: No such file"),
            ({"users": "{missing}"}, "users: {missing}: No such file"), ({"tokens": "{missing}"}, "tokens: {missing}: No such"),
        ],
        ids=lambda value: next(iter(value)) if isinstance(value, dict) else "",
    )
    def test_check_reads_each_file(self, strait, tmp_path, certs, wrong, message):
        paths = {"missing": tmp_path / "missing", "empty": tmp_path / "empty", "other": certs.ca.key}
        paths["empty"].write_text("")
        files = {"cert": certs.server.cert, "key": certs.server.key, **{k: v.format(**paths) for k, v in wrong.items()}}
        lines = "".join(f"{key}: {path}\n" for key, path in files.items())
        path = write(tmp_path, f"listen: wss://127.0.0.1:0\nroute: ['/=echo:']\n{lines}")
        number = 3 + list(files).index(next(iter(wrong)))
        line = strait.run("serve", "--config", path, "--check").failed_with(64)
        assert re.search(rf"strait\.yaml:{number}: {message.format(**paths)}", line), line

    def test_check_says_nothing_when_all_is_well(self, strait, tmp_path, service, certs, credentials):
        path = write(tmp_path, f"listen: ws://127.0.0.1:{service.port}\nroute: ['/=echo:']")
        strait.run("serve", "--config", path, "--check").succeeded()
        own = ("--cert", certs.server.cert, "--key", certs.server.key)
        authorities = ("--client-ca", certs.ca.cert, "--cacert", certs.ca.cert)
        strait.run("serve", "--config", path, *own, *authorities, *credentials, "--check").succeeded()

    def test_the_manual_names_every_key_and_option(self, strait, project):
        manual = (project / "man/strait.conf.5").read_text()
        named = set(re.findall(r"[a-z][a-z-]+", " ".join(re.findall(r"^\.It Cm (.*)$", manual, re.M))))
        options = set(re.findall(r"--([a-z][a-z-]+)", strait.run("serve", "--help").stdout.decode()))
        others = {"config", "check", "verbose", "silent", "help", "version"}
        assert options - others <= named
        assert named - options <= {"path", "to"}


class TestReload:
    def test_links_go_on_and_new_ones_see_the_new_rules(self, strait, tmp_path):
        text = "listen: ws://127.0.0.1:0\nroute: ['/a=echo:']\n"
        path = write(tmp_path, text)
        server = strait("serve", "--config", path)
        peer = connect_raw(dial(server), "/a")
        write(tmp_path, text.replace("/a", "/b"))
        reload(server)
        assert ask(server, "/a").status == 404
        assert ask(server, "/b").status == 101
        peer.send(BINARY, b"still there")
        assert peer.read_data(11) == b"still there"

    def test_a_wrong_configuration_changes_nothing(self, strait, tmp_path):
        text = "listen: ws://127.0.0.1:0\nroute: ['/a=echo:']\n"
        path = write(tmp_path, text)
        server = strait("serve", "--config", path)
        peer = connect_raw(dial(server), "/a")
        write(tmp_path, text + "max-links: none\n")
        server.signal(signal.SIGHUP)
        server.line('the old one stays: .*strait.yaml:3: max-links: "none" is no number')
        assert ask(server, "/a").status == 101
        peer.send(BINARY, b"still there")
        assert peer.read_data(11) == b"still there"

    def test_users_are_read_again(self, strait, tmp_path):
        users = tmp_path / "users"
        users.write_text(f"ada:{hashed('first', '$6$salt')}\n")
        server = serve(strait, "--route", "/=echo:", "--users", users)
        assert ask(server, headers=[basic("ada", "first")]).status == 101
        users.write_text(f"ada:{hashed('second', '$6$salt')}\n")
        reload(server)
        assert ask(server, headers=[basic("ada", "first")]).status == 401
        assert ask(server, headers=[basic("ada", "second")]).status == 101

    def test_everything_is_read_again_and_no_link_notices(self, strait, certs, tmp_path):
        files = {name: tmp_path / name for name in ("site.pem", "tokens")}
        files["site.pem"].write_bytes(certs.server.cert.read_bytes() + certs.server.key.read_bytes())
        files["tokens"].write_text(f"{TOKEN}\n")
        text = (
            f"listen: wss://127.0.0.1:0\ncert: {files['site.pem']}\ntokens: {files['tokens']}\nmax-links: 5\n"
            "origin: https://a.example\nfrom: 127.0.0.0/8\nallow: 127.0.0.1:1\n"
            "route: ['/a=echo:', '/tcp/{host}/{port}=tcp:{host}:{port}']\n"
        )
        server = strait("serve", "--config", write(tmp_path, text))
        trust = ("--cacert", certs.ca.cert)

        def asked(path, token=TOKEN, origin="https://a.example"):
            """The status that a dialer tells."""
            said = strait.run(
                *trust, "-H", f"Authorization: Bearer {token}", "-H", f"Origin: {origin}", "-", f"wss://127.0.0.1:{server.port}{path}"
            )
            return int(re.search(r"HTTP (\d+)", said.lines[0]).group(1)) if said.code else 101

        held = strait(
            *trust, "-H", f"Authorization: Bearer {TOKEN}", "-H", "Origin: https://a.example", "-",
            f"wss://127.0.0.1:{server.port}/a",
        )

        def holds():
            held.stream.send(b"x")
            return held.stream.read_exactly(1) == b"x"

        assert holds() and asked("/a") == 101 and asked("/tcp/127.0.0.1/2") == 403 and asked("/tcp/127.0.0.1/1") == 502

        # What is wrong is refused by name, one after the other, and the old rules stay.
        broken = [
            (files["site.pem"], "no certificate", "site.pem: not PEM"), (files["tokens"], "short", "tokens:1: "),
            (tmp_path / "strait.yaml", text + "surprise: 1\n", "strait.yaml:9: surprise: no such key"),
            (tmp_path / "strait.yaml", text.replace("127.0.0.1:1", "127.0.0.1/8:1"), "strait.yaml:7: allow: "),
        ]
        for path, content, message in broken:
            good = path.read_bytes()
            path.write_text(content)
            server.signal(signal.SIGHUP)
            server.line(f"the old one stays: .*{message}")
            path.write_bytes(good)
            assert holds() and asked("/a") == 101

        files["tokens"].write_text(f"other{TOKEN}\n")
        write(tmp_path, text.replace("127.0.0.1:1", "127.0.0.1:2").replace("a.example", "b.example"))
        reload(server)
        new = {"token": f"other{TOKEN}", "origin": "https://b.example"}
        assert asked("/a") == 401 or asked("/a") == 403
        assert asked("/a", **{**new, "origin": "https://a.example"}) == 403
        assert asked("/a", **{**new, "token": TOKEN}) == 401
        assert asked("/tcp/127.0.0.1/1", **new) == 403 and asked("/tcp/127.0.0.1/2", **new) == 502
        assert asked("/a", **new) == 101 and holds()
        write(tmp_path, text.replace("max-links: 5", "max-links: 1"))
        files["tokens"].write_text(f"{TOKEN}\n")
        reload(server)
        assert asked("/a") == 503 and holds()
        held.stream.end()
        assert held.finish().code == 0

    def test_listeners_come_and_go(self, strait, tmp_path, short_path):
        one, two, three = (short_path / name for name in "123")
        path = write(tmp_path, f"listen: ['unix:{one}', 'unix:{two}']\nroute: ['/=echo:']\n")
        server = strait("serve", "--config", path)
        server.line(f"listening on ws\\+unix:{two}")
        peer = connect_raw(connect(str(one)))
        write(tmp_path, f"listen: ['unix:{two}', 'unix:{three}']\nroute: ['/=echo:']\n")
        reload(server)
        server.line(f"listening on ws\\+unix:{three}")
        assert not one.exists()
        for still in (two, three):
            connect_raw(connect(str(still))).close()
        peer.send(BINARY, b"still there")
        assert peer.read_data(11) == b"still there"

    def test_a_listener_that_can_not_open_changes_nothing(self, strait, tmp_path, service):
        text = "listen:\n  - ws://127.0.0.1:0\nroute: ['/a=echo:']\n"
        server = strait("serve", "--config", write(tmp_path, text))
        assert ask(server, "/a").status == 101
        write(tmp_path, text.replace("\nroute", f"\n  - ws://127.0.0.1:{service.port}\nroute").replace("/a", "/b"))
        server.signal(signal.SIGHUP)
        server.line("the old one stays: .*another program listens there")
        assert ask(server, "/a").status == 101


class TestHalfOpenHandshakes:
    COUNT = 5000

    @pytest.fixture
    def descriptors(self):
        soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
        if hard < self.COUNT + 1000:
            pytest.skip(f"only {hard} descriptors")
        resource.setrlimit(resource.RLIMIT_NOFILE, (self.COUNT + 1000, hard))
        yield
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    @pytest.mark.parametrize("kind", ["ws", "wss"])
    def test_five_thousand_of_them_hold_up_nobody(self, strait, certs, descriptors, kind):
        own = ("--cert", certs.server.cert, "--key", certs.server.key) if kind == "wss" else ()
        server = serve(
            strait, "--route", "/=echo:", "--handshake-timeout", "60s", *own, listen=f"{kind}://127.0.0.1:0"
        )
        # The beginning of a request, or of a ClientHello (RFC 8446 §4.1.2).
        half = upgrade_request("/")[:40].encode() if kind == "ws" else b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03"
        clients = []
        for _ in range(self.COUNT):
            client = dial(server)
            client.send(half)
            clients.append(client)
        until(lambda: server.descriptors() > self.COUNT, "all of them accepted")
        if kind == "wss":
            trusting = ssl.create_default_context(cafile=certs.ca.cert)
            assert fastest(lambda: self.opens_with_tls(server, trusting)) < 0.1
        else:
            assert fastest(lambda: ask(server).status == 101) < 0.1
            peer = connect_raw(dial(server))
            peer.send(BINARY, b"abc")
            assert peer.read_data(3) == b"abc"
        for client in clients:
            client.close()

    @staticmethod
    def opens_with_tls(server, context):
        with context.wrap_socket(dial(server).socket, server_hostname="localhost") as stream:
            stream.sendall(upgrade_request("/").encode())
            return read_head(stream)[0].status == 101

    def test_a_slow_head_is_ended_by_the_clock(self, strait):
        server = serve(strait, "--route", "/=echo:", "--handshake-timeout", "500ms")
        client = dial(server)
        client.send(b"GET / HTTP/1.1\r\n")
        start = time.monotonic()
        while time.monotonic() - start < 10 and not select.select([client.socket], [], [], 0.05)[0]:
            client.send(b"X: y\r\n")
        assert read_head(client.socket)[0].status == 408
        assert time.monotonic() - start < 5

    def test_those_that_are_to_be_refused_take_no_room_either(self, strait, descriptors):
        server = serve(strait, "--route", "/=echo:", "--max-links-per-source", "1", "--handshake-timeout", "60s")
        first = connect_raw(dial(server))
        clients = [dial(server) for _ in range(400)]
        gone = until(
            lambda: len(select.select([c.socket for c in clients], [], [], 0)[0]) == 144, "256 are kept, the others cut off"
        )
        assert gone
        server.line("cut off, with others")
        kept = next(c for c in clients if not select.select([c.socket], [], [], 0)[0])
        kept.send(upgrade_request("/").encode())
        assert read_head(kept.socket)[0].status == 429
        first.close()

    def test_half_open_ones_count_as_links_of_their_source(self, strait):
        server = serve(
            strait, "-v", "--route", "/=echo:", "--max-links-per-source", "3", "--handshake-timeout", "60s"
        )
        clients = [dial(server) for _ in range(3)]
        until(lambda: sum(": connected" in line for line in server.said) == 3, "all accepted")
        assert ask(server).status == 429
        for client in clients:
            client.close()
        until(lambda: ask(server).status == 101, "room after their end")


def write(folder, text):
    path = folder / "strait.yaml"
    path.write_text(textwrap.dedent(text))
    return path


def reload(server):
    server.signal(signal.SIGHUP)
    server.line("configuration loaded again")


def fastest(action, tries=5):
    """The shortest time that it took; other programs may have had the cores meanwhile."""
    times = []
    for _ in range(tries):
        start = time.monotonic()
        assert action()
        times.append(time.monotonic() - start)
    return min(times)


class TestLimits:
    def test_links_in_all(self, strait):
        server = serve(strait, "--route", "/=echo:", "--max-links", "1")
        first = connect_raw(dial(server))
        refused = ask(server)
        assert refused.status == 503 and refused.headers["retry-after"] == "1"
        first.leave()
        until(lambda: ask(server).status == 101, "room after the first link's end")

    def test_links_of_a_route(self, strait):
        server = serve(strait, "--route", "/a=echo:", "--route", "/b=echo:", "--max-links-per-route", "1")
        first = connect_raw(dial(server), "/a")
        assert ask(server, "/a").status == 503
        assert ask(server, "/b").status == 101
        first.close()

    def test_links_of_a_source(self, strait):
        server = serve(strait, "--route", "/=echo:", "--max-links-per-source", "2")
        peers = [connect_raw(dial(server)) for _ in range(2)]
        assert ask(server).status == 429
        for peer in peers:
            peer.leave()
        until(lambda: ask(server).status == 101, "room after the end of both")

    def test_requests_of_a_source(self, strait):
        server = serve(strait, "--route", "/=echo:", "--max-handshake-rate", "3")
        answers = [ask(server) for _ in range(4)]
        assert [answer.status for answer in answers[:3]] == [101] * 3
        assert answers[3].status == 429 and answers[3].headers["retry-after"] == "1"

    def test_an_idle_link_ends_with_1001(self, strait):
        server = serve(strait, "--route", "/=echo:", "--idle-timeout", "300ms")
        peer = connect_raw(dial(server))
        start = time.monotonic()
        for _ in range(4):
            time.sleep(0.15)
            peer.send(BINARY, b"x")
            assert peer.read_data(1) == b"x"
        frame = peer.read_frame()
        assert (frame.opcode, frame.code, frame.reason) == (CLOSE, 1001, "idle for 300ms")
        assert 0.85 < time.monotonic() - start < 3
        server.line("idle for 300ms")

    def test_an_old_link_ends_with_1001(self, strait):
        server = serve(strait, "--route", "/=echo:", "--max-life", "300ms")
        peer = connect_raw(dial(server))
        frame = peer.read_frame()
        assert (frame.opcode, frame.code) == (CLOSE, 1001)
        server.line("open for 300ms")

    def test_a_rate_is_kept_in_each_direction(self, strait):
        data = bytes(200_000)
        server = serve(strait, "--route", "/=echo:", "--max-rate", "100k")
        peer = connect_raw(dial(server))
        start = time.monotonic()
        with peer.post(data):
            assert peer.read_data(len(data)) == data
        assert 1 < time.monotonic() - start < 6

    def test_no_rate_is_no_wait(self, strait):
        server = serve(strait, "--route", "/=echo:")
        peer = connect_raw(dial(server))
        start = time.monotonic()
        with peer.post(bytes(4_000_000)):
            peer.read_data(4_000_000)
        assert time.monotonic() - start < 6


class TestSignals:
    def test_term_ends_links_with_1001(self, strait):
        server = serve(strait, "--route", "/=echo:")
        peer = connect_raw(dial(server))
        server.signal(signal.SIGTERM)
        frame = peer.read_frame()
        assert (frame.opcode, frame.code) == (CLOSE, 1001)
        peer.close()
        assert server.wait().code == 143

    @pytest.mark.parametrize(
        "arguments, needle",
        [
            ([], "no address to listen on"), (["--listen", "ws://:0"], "no route"),
            (["--listen", "ws://:0/x", "--route", "/=echo:"], "--listen:"),
            (["--listen", "ws://:0", "--route", "/=tcp:h"], "--route:"),
            (["--listen", "ws://:0", "--route", "/=echo:", "--max-links", "many"], "--max-links:"),
            (["--listen", "ws://:0", "--route", "/=echo:", "--max-frame", "1023"], "--max-frame:"),
            (["--listen", "ws://:0", "--route", "/=echo:", "--compress-window", "8"], "--compress-window:"),
            (["--listen", "ws://:0", "--route", "/=echo:", "--retry", "-1"], "--retry"),
            (["--listen", "ws://:0", "--route", "/=echo:", "--allow", "10.0.0.1/8:22"], "--allow:"),
        ],
    )
    def test_wrong_options_are_named(self, strait, arguments, needle):
        result = strait.run("serve", *arguments)
        assert result.code == 64
        assert needle in result.lines[0]

    def test_a_taken_address_is_named(self, strait, service):
        strait.run("serve", "--listen", f"ws://127.0.0.1:{service.port}", "--route", "/=echo:").failed_with(
            69, "another program listens there"
        )

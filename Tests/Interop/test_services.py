# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""WebSocket services and clients that know nothing of Strait: an MQTT broker, websockify, a browser."""

import getpass
import http.server
import subprocess
import threading
import urllib.parse
from pathlib import Path

import pytest

from other_programs import program
from streams import connect
from waiting import MIB, SOON, payload, same_bytes

PAGE = Path(__file__).parent / "browser.html"


def mosquitto(programs, short_path):
    """A broker that speaks MQTT over WebSocket on its port. Version 2.0.11 wants some other listener besides."""

    def command(port):
        directory = programs.scratch("mosquitto")
        configuration = directory / "mosquitto.conf"
        configuration.write_text(
            f"user {getpass.getuser()}\nallow_anonymous true\nlistener 0 {short_path}/socket-{port}\n"
            f"listener {port} 127.0.0.1\nsocket_domain ipv4\nprotocol websockets\n"
        )
        return program("mosquitto"), "-c", configuration

    return programs.listen(command)


class TestMQTT:
    """The recipe: a port on this machine that is the broker's."""

    @pytest.mark.parametrize("options", [(), ("--compressed",)])
    def test_publish_and_subscribe(self, strait, programs, short_path, options):
        broker = mosquitto(programs, short_path)
        forward = strait(*options, "--protocol", "mqtt", "tcp-listen:0", f"ws://127.0.0.1:{broker}/")
        address = ["-h", "127.0.0.1", "-p", str(forward.port), "-t", "strait/test"]

        def publish(*message):
            subprocess.run([program("mosquitto_pub"), *address, "-q", "1", *message], check=True, timeout=SOON)

        publish("-r", "-m", "kept for those who come later")
        subscriber = programs.start(program("mosquitto_sub"), *address, "-C", "3", stdout=subprocess.PIPE)
        assert subscriber.stdout.readline() == b"kept for those who come later\n"
        large = programs.directory / "large"
        large.write_bytes(b"%07d\n" % 1 + payload(MIB).replace(b"\n", b" "))
        publish("-m", "live")
        assert subscriber.stdout.readline() == b"live\n"
        publish("-f", str(large))
        same_bytes(subscriber.stdout.read(), large.read_bytes() + b"\n")
        assert subscriber.wait(SOON) == 0
        # mosquitto ends TCP after MQTT's own goodbye, without a Close.
        assert all("without a Close frame" in line for line in forward.lines), forward.lines


class TestWebsockify:
    @pytest.mark.parametrize("options", [(), ("--compressed",)])
    def test_bytes_both_ways_and_the_services_end(self, strait, programs, service, options):
        target = service.address.partition(":")[2]
        port = programs.listen(lambda port: (program("websockify"), f"127.0.0.1:{port}", target))
        forward = strait(*options, "--protocol", "binary", "tcp-listen:0", f"ws://127.0.0.1:{port}/websockify")
        client = connect(("127.0.0.1", forward.port))
        behind = service.accept()
        with client.post(payload(5 * MIB)):
            same_bytes(behind.read_exactly(5 * MIB), payload(5 * MIB))
        with behind.post(payload(5 * MIB, 1)):
            same_bytes(client.read_exactly(5 * MIB), payload(5 * MIB, 1))
        behind.end()
        assert client.read_to_end() == b""
        assert not forward.lines


@pytest.fixture
def browser(programs):
    """Opens the page with these parameters in a browser without a window; the lines that it wrote."""
    if not any(Path(folder, "chromium").exists() for folder in ("/usr/bin", "/usr/local/bin")):
        pytest.skip("no chromium package here (Ubuntu has it as a snap only)")
    said, is_done = [], threading.Event()

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            is_page = self.path.startswith("/page")
            self.send_response(200 if is_page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.end_headers()
            self.wfile.write(PAGE.read_bytes() if is_page else b"")

        def do_POST(self):
            said.extend(self.rfile.read(int(self.headers["Content-Length"])).decode().splitlines())
            self.send_response(204)
            self.end_headers()
            is_done.set()

        def log_message(self, *_):
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()

    def open_page(**parameters):
        url = f"http://127.0.0.1:{server.server_port}/page#{urllib.parse.urlencode(parameters)}"
        profile = programs.scratch("chromium")
        process = programs.start(
            program("chromium"), "--headless", "--no-sandbox", "--disable-gpu", "--disable-dev-shm-usage",
            "--no-first-run", "--disable-background-networking", f"--user-data-dir={profile}",
            "--remote-debugging-port=0", url,
        )  # fmt: skip
        assert is_done.wait(120), f"the page did not end; {process.log.read_text()[-2000:]}"
        return said

    yield open_page
    server.shutdown()
    server.server_close()


class TestBrowser:
    @pytest.mark.parametrize("options", [(), ("--compressed",)])
    def test_text_binary_codes_and_compression(self, strait, browser, options):
        echo = strait(*options, "--print-close", "--protocol", "chat", "ws-listen:0", "echo:")
        told = strait(*options, "-t", "--close-code", "4100", "--close-reason", "tschüß", "-", "ws-listen:0/told")
        told.stream.send("Zeile eins\nline two\n".encode())
        told.stream.end()
        lines = browser(echo=echo.url, told=told.url)
        told.wait().succeeded()
        extension = "permessage-deflate; server_max_window_bits=12; client_max_window_bits=12" if options else ""
        assert lines == [
            f"open protocol=chat extensions={extension}",
            "text grüße, 世界, 😀",
            "empty []",
            "binary true",
            "empty binary 0",
            "long true",
            # An answer has the code only (RFC 6455 §5.5.1).
            "close 4001  true",
            "told Zeile eins",
            "told line two",
            "told close 4100 tschüß true",
            "end",
        ]
        echo.line(r'closed with 4001: "done, ä"')

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""--trace, --trace-ascii and --pcap: what they show, what they hide, and that their failure harms no link."""

import os
import re
import subprocess

import pytest

from chains import listening_side
from other_programs import program

SECRETS = ["-u", "me:hunter2", "-H", "Cookie: session=hunter2", "-H", "Proxy-Authorization: hunter2"]


class TestTrace:
    @pytest.fixture
    def file(self, tmp_path):
        return tmp_path / "trace"

    def test_shows_steps_heads_and_frames(self, strait, file):
        side = strait("ws-listen:0", "echo:")
        strait.run("--trace", file, "-", side.url, input=b"hello").succeeded()
        text = file.read_text()
        for pattern in [
            rf"^== Info: {side.url}: connected to 127\.0\.0\.1",
            r"^=> Send header, \d+ bytes \(0x[0-9a-f]+\): ws://",
            r"^0000: 47 45 54 20 2f 20 48 54 54 50 2f 31 2e 31 0d 0a GET / HTTP/1\.1\.\.$",
            r"^<= Recv header, \d+ bytes",
            r"^=> Send binary frame, 5 bytes \(0x5\): ws://\S+\n0000: 68 65 6c 6c 6f +hello$",
            r"^<= Recv binary frame, 5 bytes \(0x5\): ws://\S+\n0000: 68 65 6c 6c 6f +hello$",
            r"^=> Send close frame, 2 bytes",
            r"^== Info: .* ended after ",
        ]:
            assert re.search(pattern, text, re.MULTILINE), f"{pattern} is missing in\n{text}"
        assert file.stat().st_mode & 0o777 == 0o600

    def test_of_a_listener(self, strait, file):
        side = strait("--trace", file, "ws-listen:0", "echo:")
        strait.run("-", side.url, input=b"hello").succeeded()
        side.signal(15)
        side.wait()
        text = file.read_text()
        assert re.search(r"^<= Recv header", text, re.MULTILINE)
        assert re.search(r"^=> Send binary frame, 5 bytes .*\n.*hello$", text, re.MULTILINE), text

    def test_without_hexadecimal(self, strait, file):
        strait.run("--trace-ascii", file, "-", strait("ws-listen:0", "echo:").url, input=b"hello").succeeded()
        text = file.read_text()
        assert "0000: GET / HTTP/1.1\n" in text
        assert "\n0000: hello\n" in text

    def test_with_the_time_of_day(self, strait, file):
        strait.run("--trace", file, "--trace-time", "-", strait("ws-listen:0", "echo:").url).succeeded()
        heads = [line for line in file.read_text().splitlines() if not re.match("[0-9a-f]{4,}: ", line)]
        assert heads
        for line in heads:
            assert re.match(r"\d\d:\d\d:\d\d\.\d{6} (== |=> |<= )", line), line

    @pytest.mark.parametrize("option", ["--trace", "--trace-ascii", "--pcap"])
    def test_secrets_are_blackened(self, strait, file, option):
        side = strait("ws-listen:0", "echo:")
        strait.run(option, file, *SECRETS, "-H", "X-Open: seen", "-", side.url, input=b"x").succeeded()
        shown = file.read_bytes()
        # A dump breaks lines anywhere.
        shown = re.sub(rb"\n[0-9a-f]{4}: ([0-9a-f]{2} )* *", b"", shown) if option == "--trace" else shown
        assert b"hunter2" not in shown and b"bWU6aHVudGVyMg" not in shown
        assert b"seen" in shown

    def test_a_refusal_is_shown_with_its_body(self, strait, file):
        side = strait("ws-listen:0/path", "echo:")
        strait.run("--trace-ascii", file, "-", side.url + "x").failed_with(76)
        text = file.read_text()
        assert "HTTP/1.1 404 Not Found" in text
        assert re.search(r"<= Recv data, .*\n.*nothing is served at this path", text), text

    def test_percent_is_stderr(self, strait):
        result = strait.run("--trace-ascii", "%", "-", strait("ws-listen:0", "echo:").url, input=b"hello")
        assert result.stdout == b"hello"
        assert "0000: hello" in result.lines


class TestFailures:
    @pytest.mark.parametrize("option", ["--trace", "--pcap"])
    def test_a_full_disk_is_said_once_and_harms_no_link(self, strait, option):
        data = os.urandom(300_000)
        result = strait.run(option, "/dev/full", "-", strait("ws-listen:0", "echo:").url, input=data)
        assert (result.code, result.stdout) == (0, data)
        assert len(result.lines) == 1, result.lines
        assert re.search(rf"{option} /dev/full: No space left on device \(.*links go on\)", result.lines[0]), result.lines

    def test_a_reader_that_has_gone(self, strait):
        reading, writing = os.pipe()
        side = strait("ws-listen:0", "echo:")
        dialer = strait("--pcap", f"/dev/fd/{writing}", "-", side.url, pass_fds=[writing])
        os.close(writing)
        assert os.read(reading, 24)[:4] == b"\xd4\xc3\xb2\xa1"
        os.close(reading)
        result = dialer.exchange(b"hello")
        assert (result.code, result.stdout) == (0, b"hello")
        assert len(result.lines) == 1 and "Broken pipe" in result.lines[0], result.lines

    @pytest.mark.parametrize("option", ["--trace", "--trace-ascii", "--pcap"])
    def test_a_file_that_cannot_be_made(self, strait, option):
        strait.run(option, "/no/such/folder/x", "-", "echo:").failed_with(64, option, "/no/such/folder/x", "no such file")

    @pytest.mark.parametrize(
        "arguments, named",
        [
            (["--trace", "-"], "stdout"),
            (["--pcap", "-"], "stdout"),
            (["--pcap", "%"], "--pcap"),
            (["--trace", ""], "--trace"),
            (["--trace", "a", "--trace-ascii", "b"], "--trace-ascii"),
            (["--trace-time"], "--trace-time"),
        ],
    )
    def test_wrong_usage(self, strait, arguments, named):
        strait.run(*arguments, "-", "echo:").failed_with(64, named)


class TestPackets:
    """As tshark reads them."""

    @staticmethod
    def fields(file, *names, where):
        command = [program("tshark"), "-r", file, "-Y", where, "-T", "fields"]
        for name in names:
            command += ["-e", name]
        shown = subprocess.run(command, capture_output=True, text=True, check=True, timeout=60).stdout
        return [line.split("\t") for line in shown.splitlines()]

    @pytest.mark.parametrize("via", ["direct", "tls"])
    def test_of_a_client(self, strait, programs, certs, tmp_path, via):
        file = tmp_path / "pcap"
        _, url, options = listening_side(strait, programs, certs, "echo:", via)
        data = b"hello" * 20_000
        assert strait.run(*options, "--pcap", file, "-", url, input=data).succeeded() == data
        requests = self.fields(file, "http.request.uri", "http.upgrade", where="http.request")
        assert requests == [["/link", "websocket"]]
        assert self.fields(file, "http.response.code", where="http.response") == [["101"]]
        opcodes = self.fields(file, "tcp.srcport", "websocket.opcode", where="websocket")
        sent = {code for port, codes in opcodes if port != "80" for code in codes.split(",")}
        received = {code for port, codes in opcodes if port == "80" for code in codes.split(",")}
        # A chunk of an echo may be a part of a message.
        assert sent == received - {"0"} == {"2", "8"}, opcodes
        assert self.fields(file, "frame.number", where="_ws.malformed or tcp.analysis.flags") == []

    def test_of_a_listener_with_two_links(self, strait, tmp_path):
        file = tmp_path / "pcap"
        side = strait("--pcap", file, "ws-listen:0", "echo:")
        for word in (b"one", b"two"):
            assert strait.run("-", side.url, input=word).succeeded() == word
        side.signal(15)
        side.wait()
        assert self.fields(file, "http.response.code", where="http.response") == [["101"], ["101"]]
        assert len(self.fields(file, "tcp.srcport", where="tcp.flags.syn == 1 and tcp.flags.ack == 0")) == 2
        assert len(self.fields(file, "frame.number", where="tcp.flags.fin == 1")) == 4

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Starting strait, reading what it says, and making sure that it is gone afterwards."""

import os
import re
import signal
import subprocess
import threading
import uuid
from dataclasses import dataclass, field
from pathlib import Path

from streams import PipeStream
from waiting import SOON, Background, until

LISTENING = re.compile(r"strait: listening on (\S+)")

#: What a failure looks like: what was being done, to what; why; and in brackets what to do about it.
FAILURE = re.compile(r"strait: \S.*: .*\S \(.+\)(; closed with [0-9]{4})?")

CRASHES = {signal.SIGILL, signal.SIGTRAP, signal.SIGSEGV, signal.SIGABRT, signal.SIGBUS, signal.SIGFPE}


@dataclass
class Result:
    """How a strait that has ended went."""

    code: int
    stdout: bytes = b""
    lines: list = field(default_factory=list)

    def failed_with(self, code, *needles):
        """The one line on stderr, of a failure with this exit code and nothing on stdout."""
        shown = "\n".join(self.lines)
        assert self.code == code, f"exit {self.code} instead of {code}; stderr:\n{shown}"
        assert self.stdout == b"", f"stdout: {self.stdout[:200]!r}"
        assert len(self.lines) == 1, f"{len(self.lines)} lines on stderr instead of one:\n{shown}"
        line = self.lines[0]
        assert FAILURE.fullmatch(line), f"not of the form `strait: what: why (what to do)`: {line}"
        for needle in needles:
            assert needle.lower() in line.lower(), f"{needle!r} is missing in: {line}"
        return line

    def succeeded(self):
        shown = "\n".join(self.lines)
        assert self.code == 0, f"exit {self.code}; stderr:\n{shown}"
        assert not self.lines, f"stderr:\n{shown}"
        return self.stdout


class Strait:
    """One running strait. Its stderr is read in the background, line by line."""

    def __init__(self, command, env, stdin=subprocess.PIPE, stdout=subprocess.PIPE, pass_fds=()):
        self.command = command
        self.process = subprocess.Popen(
            command, env=env, stdin=stdin, stdout=stdout, stderr=subprocess.PIPE, bufsize=0, pass_fds=pass_fds
        )
        self.pid = self.process.pid
        self.stream = PipeStream(self.process)
        self._lines = []
        self._changed = threading.Condition()
        self._stderr_ended = False
        threading.Thread(target=self._read_stderr, daemon=True).start()

    def _read_stderr(self):
        with os.fdopen(os.dup(self.process.stderr.fileno()), "rb") as stderr:
            for line in stderr:
                with self._changed:
                    self._lines.append(line.decode(errors="replace").rstrip("\n"))
                    self._changed.notify_all()
        with self._changed:
            self._stderr_ended = True
            self._changed.notify_all()

    # What it says

    @property
    def lines(self):
        """Everything on stderr but the lines of listeners that are ready."""
        with self._changed:
            return [line for line in self._lines if not LISTENING.fullmatch(line)]

    def line(self, pattern, within=SOON):
        """Waits for a line on stderr that contains the pattern; its match."""

        def found():
            return next((match for match in map(re.compile(pattern).search, self._lines) if match), None)

        with self._changed:
            self._changed.wait_for(lambda: found() or self._stderr_ended, within)
            match = found()
            assert match, f"no line {pattern!r} from {self.command[1:]}; stderr:\n" + "\n".join(self.said)
            return match

    @property
    def url(self):
        """Where it listens, as its line says: `ws://127.0.0.1:PORT/path`, `tcp://…`."""
        return self.line(LISTENING.pattern).group(1)

    @property
    def port(self):
        return int(re.search(r":(\d+)(/|$)", self.url).group(1))

    @property
    def said(self):
        """Everything on stderr."""
        with self._changed:
            return list(self._lines)

    # How it ends

    def is_running(self):
        return self.process.poll() is None

    def signal(self, number):
        self.process.send_signal(number)

    def wait(self, within=SOON):
        """Its exit status, and all it said."""
        try:
            code = self.process.wait(within)
        except subprocess.TimeoutExpired:
            shown = "\n".join(self.said)
            raise AssertionError(f"{self.command[1:]} has not ended within {within:g} s; stderr:\n{shown}") from None
        with self._changed:
            assert self._changed.wait_for(lambda: self._stderr_ended, SOON), "a child of strait keeps its stderr open"
        return Result(code, lines=self.lines)

    def finish(self, within=SOON):
        """Waits for the end, with what is still on stdout. Leaves stdin as it is."""
        reader = Background(self.stream.read_to_end)
        result = self.wait(within)
        result.stdout = reader.result()
        return result

    def exchange(self, data, within=60):
        """Sends all of `data` and the end of stdin while it reads stdout to the end."""

        def feed():
            try:
                self.stream.send(data)
            except BrokenPipeError:
                pass
            self.stream.end()

        reader = Background(self.stream.read_to_end)
        writer = Background(feed)
        result = self.wait(within)
        writer.result()
        result.stdout = reader.result()
        return result

    def stop(self):
        """Ends it if it still runs. Returns what was not as it should be."""
        problems = []
        name = " ".join(map(str, self.command[1:]))
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(SOON)
            except subprocess.TimeoutExpired:
                problems.append(f"did not end on SIGTERM: {name}")
                self.process.kill()
                self.process.wait()
        if -self.process.returncode in CRASHES:
            crash = "\n".join(self.said[-30:])
            problems.append(f"crashed with {signal.Signals(-self.process.returncode).name}: {name}\n{crash}")
        for pipe in (self.process.stdin, self.process.stdout, self.process.stderr):
            if pipe:
                pipe.close()
        return problems

    # What it takes

    def memory(self, key="VmHWM"):
        """A value of /proc/PID/status in KiB; VmHWM is the peak of VmRSS."""
        status = Path(f"/proc/{self.pid}/status").read_text()
        return int(re.search(rf"{key}:\s+(\d+) kB", status).group(1))

    def descriptors(self):
        return len(os.listdir(f"/proc/{self.pid}/fd"))


class StraitFactory:
    """`strait(...)` starts one with these arguments, `strait.run(...)` runs one to its end."""

    def __init__(self, binary, env):
        self.binary = binary
        # Whatever descends from this test's straits has the mark, also when ssh starts it or when it is orphaned.
        self.mark = f"STRAIT_TEST={uuid.uuid4()}"
        self.env = dict(env, STRAIT_TEST=self.mark.partition("=")[2])
        self._started = []

    def __call__(self, *arguments, wrapper=(), env=None, **descriptors):
        command = [*wrapper, str(self.binary), *map(str, arguments)]
        process = Strait(command, dict(self.env, **(env or {})), **descriptors)
        self._started.append(process)
        return process

    def run(self, *arguments, input=b"", within=SOON, **others):
        return self(*arguments, **others).exchange(input, within)

    def remaining(self):
        """Command lines of the marked processes that run."""
        found = {}
        for directory in Path("/proc").iterdir():
            try:
                if directory.name.isdigit() and self.mark.encode() in (directory / "environ").read_bytes():
                    command = (directory / "cmdline").read_bytes().replace(b"\0", b" ").decode().strip()
                    found[int(directory.name)] = command
            except OSError:
                pass
        return found

    def stop(self, shows=True):
        problems = [problem for process in reversed(self._started) for problem in process.stop()]
        for process in self._started if shows else ():  # pytest shows it for a test that fails
            print(f"strait {' '.join(process.command[process.command.index(str(self.binary)) + 1 :])}")
            print(f"  exit {process.process.returncode}", *process.said[-100:], sep="\n  ")
        try:
            until(lambda: not self.remaining(), "all processes of the test are gone", within=5)
        except AssertionError:
            for pid, command in self.remaining().items():
                problems.append(f"left behind: {command}")
                os.kill(pid, signal.SIGKILL)
        assert not problems, "\n".join(problems)

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Programs that are measured: started, asked what they have used, and ended."""

import os
import subprocess
from pathlib import Path

from streams import free_port, is_listening
from waiting import SOON, until

TICKS = os.sysconf("SC_CLK_TCK")


class NotMeasured(Exception):
    """Why there is no value."""


class Program:
    """One running program, with all its descendants."""

    def __init__(self, command, log, env=None):
        with log.open("wb") as stderr:
            self.process = subprocess.Popen(
                [str(word) for word in command], stdin=subprocess.DEVNULL, stdout=stderr, stderr=stderr, env=env
            )
        self.log = log
        self.pid = self.process.pid

    def cpu_seconds(self):
        return sum(map(_cpu_seconds, _family(self.pid)))

    def resident(self):
        """Bytes of memory."""
        return _status(self.pid, "VmRSS")

    def peak(self):
        """The most bytes of memory since `forget_peak`."""
        return _status(self.pid, "VmHWM")

    def forget_peak(self):
        Path(f"/proc/{self.pid}/clear_refs").write_text("5")

    def is_running(self):
        return self.process.poll() is None

    def stop(self):
        if self.is_running():
            self.process.terminate()
            try:
                self.process.wait(SOON)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()


def _family(pid):
    """The process and its descendants. One that has ended counts in its parent, once that has waited for it."""
    pids = [pid]
    for pid in pids:
        try:
            for thread in Path(f"/proc/{pid}/task").iterdir():
                pids += map(int, (thread / "children").read_text().split())
        except OSError:
            pass
    return pids


def _cpu_seconds(pid):
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return 0
    return sum(map(int, fields[11:15])) / TICKS


def _status(pid, name):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * 1024
    raise NotMeasured(f"no {name}: the process has ended")


def listening(command_for_port, log, env=None):
    """The program of `command_for_port(port)` once it listens on that free port, and the port.

    The port may be taken between its choice and its use, so a program that ends at once gets another."""
    for _ in range(3):
        port = free_port()
        program = Program(command_for_port(port), log, env)
        until(lambda: not program.is_running() or is_listening(port), f"{program.process.args[0]} listens")
        if program.is_running():
            return program, port
    raise NotMeasured(f"{program.process.args} does not start: {log.read_text()}")

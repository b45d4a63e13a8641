# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""Somebody who types."""

import os
import pty
import select

from waiting import SOON


class Terminal:
    """A strait whose controlling terminal this is."""

    def __init__(self, binary, env, *arguments):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            try:
                os.execve(binary, [str(word) for word in (binary, *arguments)], env)
            finally:
                os._exit(99)
        self.shown = b""

    def _read(self):
        assert select.select([self.master], [], [], SOON)[0], self.shown
        return os.read(self.master, 4096)

    def shows(self, text):
        while text not in self.shown:
            self.shown += self._read()

    def type(self, text):
        os.write(self.master, text)

    def end(self):
        """The exit status."""
        try:
            while part := self._read():
                self.shown += part
        except OSError:
            pass  # Nobody is left at the other end.
        os.close(self.master)
        return os.waitstatus_to_exitcode(os.waitpid(self.pid, 0)[1])

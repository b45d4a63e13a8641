# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""`make install`, the completions that it brings, and the Debian package of `make deb`.

The program is the one under test: `make` is told not to build it again.
"""

import fcntl
import os
import pty
import re
import signal
import struct
import subprocess
import termios

import pytest

from other_programs import SEARCH, program


def run(*command, **others):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=400, **others)


@pytest.fixture(scope="module")
def make(binary, project):
    """Makes a target; what `make build` would do is done."""

    def make(target, **variables):
        settings = [f"{name}={value}" for name, value in {"STRAIT": binary, **variables}.items()]
        env = dict(os.environ, PATH=SEARCH)
        result = run("make", "-C", project, "--old-file=build", target, *settings, env=env)
        assert result.returncode == 0, result.stdout + result.stderr
        return result

    return make


@pytest.fixture(scope="module")
def installed(make, tmp_path_factory):
    root = tmp_path_factory.mktemp("root")
    make("install", DESTDIR=root, PREFIX="/opt/strait")
    return root / "opt" / "strait"


def test_install_puts_everything_under_its_prefix(installed):
    files = {str(path.relative_to(installed)) for path in installed.rglob("*") if path.is_file()}
    assert files == {
        "bin/strait",
        "share/man/man1/strait.1",
        "share/man/man5/strait.conf.5",
        "share/bash-completion/completions/strait",
        "share/zsh/site-functions/_strait",
        "share/fish/vendor_completions.d/strait.fish",
    }
    assert re.fullmatch(r"\d+\.\d+\.\d+\n", run(installed / "bin" / "strait", "--version").stdout)


class TestCompletions:
    """What a shell offers for the words before the cursor."""

    #: The words before the cursor, and what must be among the offers.
    CASES = {
        "strait --pin": {"--ping-interval", "--ping-timeout", "--pinnedpubkey"},
        "strait tcp-listen:1 --pinn": {"--pinnedpubkey"},
        "strait ch": {"check"},
        "strait s": {"serve"},
        "strait check --max-s": {"--max-size"},
        "strait check --pinn": {"--pinnedpubkey"},
        "strait check --idle 1s ws://h/ --js": {"--json"},
        "strait serve --rou": {"--route"},
        "strait --cert-type ": {"PEM", "DER", "P12"},
        "strait --cacert Tests/Interop/bro": {"Tests/Interop/browser.html"},
        "strait check --cacert Tests/Interop/bro": {"Tests/Interop/browser.html"},
    }
    #: What must not be.
    NOT = {"strait check --": "--progress", "strait ": "help", "strait serve ": "help", "strait --": "--json"}

    def compare(self, complete):
        for words, wanted in self.CASES.items():
            offers = complete(words)
            assert wanted <= set(offers), (words, offers)
            assert len(offers) == len(set(offers)), (words, offers)
        for words, unwanted in self.NOT.items():
            assert unwanted not in complete(words), words

    def test_bash(self, installed, project):
        script = installed / "share/bash-completion/completions/strait"
        assert not script.read_text().startswith("#!")

        def complete(line):
            words = line.split(" ")
            array = " ".join(f"'{word}'" for word in words)
            ask = (
                f"source {script}; COMP_WORDS=({array}); COMP_CWORD={len(words) - 1}; COMP_LINE='{line}'; "
                f"COMP_POINT={len(line)}; _strait strait '{words[-1]}' '{words[-2]}'; printf '%s\\n' \"${{COMPREPLY[@]}}\""
            )
            result = run("bash", "--norc", "-c", ask, cwd=project)
            assert result.stderr == "", result.stderr
            return result.stdout.split()

        self.compare(complete)

    def test_zsh(self, installed, project):
        """In a terminal, since the functions of zsh's completion work nowhere else."""
        script = installed / "share/zsh/site-functions/_strait"
        assert script.read_text().startswith("#compdef strait\n")
        result = run(program("zsh"), "-f", "-n", script)
        assert (result.returncode, result.stderr) == (0, "")
        with ZshTerminal(program("zsh"), project) as shell:
            shell.run(f"fpath=({script.parent} $fpath); autoload -Uz compinit; compinit -D -u; LISTMAX=10000")
            for words, wanted in self.CASES.items():
                offers = shell.complete(words)
                assert all(word in offers for word in wanted), (words, offers)
            for words, unwanted in self.NOT.items():
                assert not re.search(rf"^{unwanted}\s", shell.complete(words), re.MULTILINE), words

    def test_fish(self, installed, project):
        script = installed / "share/fish/vendor_completions.d/strait.fish"
        env = dict(os.environ, PATH=f"{installed / 'bin'}:{os.environ['PATH']}")

        def complete(line):
            ask = f"source {script}; complete -C '{line}'"
            result = run(program("fish"), "--no-config", "-c", ask, env=env, stdin=subprocess.DEVNULL, cwd=project)
            assert result.stderr == "", result.stderr
            return [offer.split("\t")[0] for offer in result.stdout.splitlines()]

        self.compare(complete)


class ZshTerminal:
    """A zsh that takes lines at a prompt."""

    READY = "<ready>"

    def __init__(self, zsh, directory):
        self.pid, self.master = pty.fork()
        if self.pid == 0:
            os.chdir(directory)
            env = dict(os.environ, PATH=SEARCH, TERM="xterm", PS1=self.READY, LC_ALL="C.UTF-8")
            os.execve(zsh, [str(zsh), "-f", "-i"], env)
        fcntl.ioctl(self.master, termios.TIOCSWINSZ, struct.pack("HHHH", 200, 200, 0, 0))
        self.shown = ""
        self._show(self.READY)
        # The line as completion has left it, between words that nobody types.
        self.run("line() { print -r -- \"<\"line:$BUFFER\">\"; BUFFER=; zle redisplay }; zle -N line; bindkey ^X line")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        os.kill(self.pid, signal.SIGKILL)
        os.waitpid(self.pid, 0)
        os.close(self.master)

    def _show(self, text):
        """Reads up to `text`; the value is what came before it, without what moves the cursor."""
        while text not in self.shown:
            self.shown += re.sub(r"\x1b(\[[0-9;?]*[a-zA-Z]|[=>])", "", os.read(self.master, 65536).decode(errors="replace"))
        before, _, self.shown = self.shown.partition(text)
        return before

    def run(self, command):
        os.write(self.master, f"{command}; print '<'done'>'\n".encode())
        self._show("<done>")
        self._show(self.READY)

    def complete(self, line):
        """All that is shown when the tabulator asks for offers, and what has become of the line."""
        self.run(":")  # What is still to be shown of the last one.
        os.write(self.master, line.encode() + b"\t\x18")
        offers = self._show("<line:")
        return offers.replace(line, "", 1) + " " + self._show(">")


class TestDebianPackage:
    @pytest.fixture(scope="class")
    def package(self, make, project):
        make("deb")
        (made,) = (project / ".build" / "deb").glob("strait_*.deb")
        return made

    def test_says_what_it_needs_and_holds(self, package):
        fields = run("dpkg-deb", "--field", package, "Package", "Version", "Depends", "Architecture").stdout
        assert re.search(r"^Package: strait$", fields, re.MULTILINE)
        assert re.search(r"^Version: \d+\.\d+\.\d+$", fields, re.MULTILINE)
        assert re.search(r"^Depends: .*\blibssl3\b", fields, re.MULTILINE)
        contents = run("dpkg-deb", "--contents", package).stdout
        for path in (
            "./usr/bin/strait", "./usr/share/man/man1/strait.1.gz", "./usr/share/bash-completion/completions/strait",
            "./usr/share/zsh/vendor-completions/_strait", "./usr/share/fish/vendor_completions.d/strait.fish",
            "./usr/share/doc/strait/copyright", "./usr/share/doc/strait/changelog.gz",
        ):
            assert re.search(rf"^-\S+ root/root .* {re.escape(path)}$", contents, re.MULTILINE), f"{path}\n{contents}"

    def test_lintian_finds_no_error(self, package):
        result = run(program("lintian"), "--allow-root", "--fail-on", "error", package)
        assert result.returncode == 0, result.stdout + result.stderr

    def test_is_installed_and_removed(self, package, tmp_path):
        """Into a root of its own, without touching the system's."""
        root = tmp_path / "root"
        for directory in ("var/lib/dpkg/info", "var/lib/dpkg/updates"):
            (root / directory).mkdir(parents=True)
        (root / "var/lib/dpkg/status").touch()
        options = [f"--root={root}", "--force-not-root", "--force-depends", "--log=/dev/null", "--no-triggers"]
        env = dict(os.environ, PATH=SEARCH)
        installed = run(program("dpkg"), *options, "--install", package, env=env)
        assert installed.returncode == 0, installed.stdout + installed.stderr
        assert re.fullmatch(r"\d+\.\d+\.\d+\n", run(root / "usr/bin/strait", "--version").stdout)
        assert run(program("dpkg"), *options, "--purge", "strait", env=env).returncode == 0
        assert not (root / "usr/bin/strait").exists()

# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""`make install`, the completions that it brings, and the Debian package of `make deb`.

The program is the one under test: `make` is told not to build it again.
"""

import os
import re
import subprocess

import pytest

from other_programs import SEARCH, program


def run(*command, **others):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=100, **others)


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

    def test_bash(self, installed):
        script = installed / "share/bash-completion/completions/strait"
        ask = (
            f"source {script}; COMP_WORDS=(strait --pin); COMP_CWORD=1; COMP_LINE='strait --pin'; COMP_POINT=12; "
            "$(complete -p strait | sed 's/.*-F \\([^ ]*\\).*/\\1/') strait --pin strait; printf '%s\\n' \"${COMPREPLY[@]}\""
        )
        result = run("bash", "--norc", "-c", ask)
        assert {"--ping-interval", "--ping-timeout", "--pinnedpubkey"} <= set(result.stdout.split()), result

    def test_zsh(self, installed):
        script = installed / "share/zsh/site-functions/_strait"
        assert script.read_text().startswith("#compdef strait")
        result = run(program("zsh"), "-f", "-n", script)
        assert (result.returncode, result.stderr) == (0, "")
        load = f"fpath=({script.parent} $fpath); autoload -Uz compinit; compinit -D -u; print $_comps[strait]"
        loaded = run(program("zsh"), "-f", "-c", load)
        assert loaded.stdout.strip() == "_strait", loaded

    def test_fish(self, installed):
        script = installed / "share/fish/vendor_completions.d/strait.fish"
        env = dict(os.environ, PATH=f"{installed / 'bin'}:{os.environ['PATH']}")
        ask = f"source {script}; complete -C 'strait --pin'"
        result = run(program("fish"), "--no-config", "-c", ask, env=env, stdin=subprocess.DEVNULL)
        offered = {line.split("\t")[0] for line in result.stdout.splitlines()}
        assert {"--ping-interval", "--ping-timeout", "--pinnedpubkey"} <= offered, result


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

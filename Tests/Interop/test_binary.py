# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The release binary: what it needs at run time, what it says about itself, and that the documents agree with it."""

import re
import shlex
import subprocess
from pathlib import Path

import pytest

#: At run time only these: the standard libraries of Swift and C++ are inside.
NEEDED = {"libc", "libm", "libssl", "libcrypto", "libz", "ld-linux", "linux-vdso"}


def output(*command):
    return subprocess.run([str(word) for word in command], capture_output=True, text=True, timeout=20)


def test_needs_only_what_every_system_has(binary):
    listed = output("ldd", binary).stdout
    assert "not found" not in listed
    libraries = {Path(line.split()[0]).name for line in listed.splitlines()}
    unexpected = {name for name in libraries if re.split(r"-x86|-aarch|-arm|-riscv|\.so", name)[0] not in NEEDED}
    assert not unexpected, listed


@pytest.fixture(scope="module")
def stripped(binary, tmp_path_factory):
    """As `make install` installs it."""
    copy = tmp_path_factory.mktemp("stripped") / "strait"
    output("strip", "-o", copy, binary)
    return copy.read_bytes()


def test_is_small(stripped):
    assert len(stripped) <= 16 * 2**20


#: A word brings them in: "text".contains("several characters"), split(separator: "://"), JSONEncoder.
@pytest.mark.parametrize("library", ["_StringProcessing", "_RegexParser", "_FoundationCollections"])
def test_is_without(stripped, library):
    is_inside = library.encode() in stripped
    assert not is_inside


def test_version(binary):
    result = output(binary, "--version")
    assert (result.returncode, result.stderr) == (0, "")
    assert re.fullmatch(r"(strait )?\d+\.\d+\.\d+\S*\n", result.stdout), result.stdout


def test_what_wants_foundation_is_refused_in_one_line(binary):
    """ArgumentParser's JSON is the one thing that the stand-ins for FoundationEssentials cannot do."""
    result = output(binary, "--experimental-dump-help")
    assert (result.returncode, result.stdout) == (64, "")
    assert result.stderr == "strait: usage: --experimental-dump-help is not built in (see strait --help)\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completion_scripts(binary, shell):
    result = output(binary, "--generate-completion-script", shell)
    assert (result.returncode, result.stderr) == (0, "")
    assert "ping-interval" in result.stdout


class TestHelp:
    def test_of_check_fits_79_columns(self, binary):
        lines = output(binary, "check", "--help").stdout.splitlines()
        assert lines and not [line for line in lines if len(line) > 79]

    @pytest.fixture(params=["--help", "-h"])
    def text(self, binary, request):
        result = output(binary, request.param)
        assert (result.returncode, result.stderr) == (0, "")
        return result.stdout

    def test_fits_79_columns(self, text):
        assert not [line for line in text.splitlines() if len(line) > 79]

    def test_shows_examples(self, text):
        assert re.search(r"(?i)examples?:", text)
        assert "ProxyCommand" in text
        assert len(re.findall(r"^\s+(?:\$ )?strait .*(?:ws|wss)(?:-listen)?:", text, re.MULTILINE)) >= 2

    def test_names_options_addresses_and_exit_codes(self, text):
        options = "linger connect-timeout header user insecure cacert cert key protocol text binary version"
        for option in options.split():
            assert f"--{option}" in text, option
        for kind in "ws:// wss:// ws-listen: wss-listen: tcp: tcp-listen: unix: unix-listen: exec: sh: echo:".split():
            assert kind in text, kind
        for code in (64, 68, 69, 74, 76, 77):
            assert re.search(rf"\b{code}\b", text), code


class TestDocuments:
    @pytest.fixture
    def manual(self, project):
        return project / "man" / "strait.1"

    def test_manual_is_clean(self, manual):
        lines = output("mandoc", "-T", "lint", manual).stdout.splitlines()
        # Whether another manual is found depends on what is installed.
        assert not [line for line in lines if "referenced manual not found" not in line]

    def test_manual_has_every_option_of_the_help(self, binary, manual):
        text = output("mandoc", "-T", "ascii", manual).stdout
        text = re.sub(r".\x08", "", text)  # bold is overstruck
        for command in ([], ["check"]):
            shown = output(binary, *command, "--help").stdout
            for option in sorted(set(re.findall(r"(?<!\S)--[a-z][a-z-]+", shown))):
                assert option in text, option

    def commands_of_readme(self, project):
        """The shell commands in README's code blocks, continued lines joined."""
        text = (project / "README.md").read_text()
        for block in re.findall(r"^```(?:sh|shell|bash|console)\n(.*?)^```", text, re.DOTALL | re.MULTILINE):
            block = re.sub(r"^\$ ", "", block, flags=re.MULTILINE)
            yield block.replace("\\\n", " ")

    def test_readme_blocks_are_shell(self, project):
        blocks = list(self.commands_of_readme(project))
        assert blocks
        for block in blocks:
            result = subprocess.run(["bash", "-n"], input=block, capture_output=True, text=True)
            assert result.returncode == 0, f"{block}\n{result.stderr}"

    def straits_of_readme(self, project):
        """The arguments of every strait in README's commands and ~/.ssh/config lines."""
        text = (project / "README.md").read_text()
        found = re.findall(r"^\s*ProxyCommand\s+(?:\S*/)?strait\s+(.*)$", text, re.MULTILINE)
        for block in self.commands_of_readme(project):
            for proxied in re.findall(r"ProxyCommand=(?:\S*/)?strait\s+([^'\"]*)", block):
                found.append(proxied)
            found += re.findall(r"^(?:sudo )?strait\s+(.*)$", block, re.MULTILINE)
        for arguments in found:
            words = shlex.shlex(arguments, posix=True, punctuation_chars="|&;<>")
            words.whitespace_split = True
            line = []
            for word in words:
                if set(word) <= set("|&;<>"):
                    break
                line.append(word.replace("%h", "127.0.0.1").replace("%p", "22").replace("%r", "me"))
            yield line

    def test_recipes_in_readme_are_understood(self, binary, project, tmp_path):
        """They name hosts and files that are not here, so they may fail; but not for wrong usage."""
        recipes = list(self.straits_of_readme(project))
        assert len(recipes) >= 5, recipes
        for recipe in recipes:
            try:
                first = [recipe.pop(0)] if recipe[0] in ("check", "serve") else []
                command = [binary, *first, "--connect-timeout", "1s", *recipe]
                result = subprocess.run(
                    command, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=2, cwd=tmp_path
                )
            except subprocess.TimeoutExpired:
                continue
            # Files that only the reader has.
            files = {"--cert", "--key", "--cacert", "--user-file", "--bearer-file", "--netrc", "--cookie", "--users"}
            wanted = files & set(recipe)
            assert result.returncode != 64 or wanted, f"strait {shlex.join(recipe)}\n{result.stderr}"

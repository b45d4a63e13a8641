# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""What the numbers were measured on and with."""

import os
import platform
import re
import subprocess
from pathlib import Path


def facts(relays):
    cpu = re.search(r"model name\s*: (.*)", Path("/proc/cpuinfo").read_text())
    gib = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    versions = [
        version("Strait", relays.strait, "--version"),
        version("websocat", relays.websocat, "--version"),
        version("socat", "socat", "-V"),
        version("stunnel", "stunnel", "-version"),
        version("iperf3", "iperf3", "--version"),
        version("OpenSSL", "openssl", "version"),
    ]
    return (
        f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores, {gib:.0f} GiB; "
        f"Linux {re.match(r'[0-9.]+[0-9]', platform.release())[0]}; {', '.join(versions)}"
    )


def version(name, *command):
    said = subprocess.run(command, capture_output=True, text=True)
    return f"{name} {re.search(r'[0-9]+[.][0-9.]*[0-9][a-z]?', said.stdout + said.stderr)[0]}"

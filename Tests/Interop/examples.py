# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""The configurations of man/examples, with nothing changed but addresses, paths and users."""

import getpass
import os
import re

from other_programs import program


def haproxy_example(programs, project, machines):
    """haproxy.cfg in front of machines, each a port and that of its metrics. Returns its own port."""

    def command(port):
        directory = programs.scratch("haproxy")
        text = (project / "man/examples/haproxy.cfg").read_text()
        text = text.replace("bind :80", f"bind 127.0.0.1:{port}").replace("user haproxy", "")
        settings = re.search(r"^ +server \S+ \S+ (.*)$", text, re.MULTILINE).group(1)
        lines = [line for line in text.splitlines() if not line.strip().startswith("server ")]
        for number, (machine, monitor) in enumerate(machines):
            lines.append(f"    server s{number} 127.0.0.1:{machine} {re.sub(r'port [0-9]+', f'port {monitor}', settings)}")
        (directory / "haproxy.cfg").write_text("\n".join(lines) + "\n")
        return program("haproxy"), "-q", "-db", "-f", directory / "haproxy.cfg"

    return programs.listen(command)


def nginx_example(programs, project, machines):
    """nginx.conf in front of machines, each a port, within a configuration as Debian's. Returns its own port."""

    def command(port):
        directory = programs.scratch("nginx")
        text = (project / "man/examples/nginx.conf").read_text()
        settings = re.search(r"^ +server \S+:\d+ (.*)$", text, re.MULTILINE).group(1)
        text = re.sub(r"^ +server \S+:\d+ .*\n", "", text, flags=re.MULTILINE)
        servers = "".join(f"    server 127.0.0.1:{machine} {settings}\n" for machine in machines)
        text = text.replace("    least_conn;\n", "    least_conn;\n" + servers).replace("listen 80;", f"listen 127.0.0.1:{port};")
        (directory / "strait.conf").write_text(text)
        temporary = "".join(
            f"    {kind}_temp_path {directory};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
        )
        (directory / "nginx.conf").write_text(
            f"daemon off;\npid {directory}/pid;\nerror_log stderr;\n"
            + (f"user {getpass.getuser()};\n" if os.geteuid() == 0 else "")
            + f"events {{ }}\nhttp {{\n    access_log off;\n{temporary}    include {directory}/strait.conf;\n}}\n"
        )
        return program("nginx"), "-e", "stderr", "-p", directory, "-c", directory / "nginx.conf"

    return programs.listen(command)


def service_example(project, directory, **changes):
    """strait.yaml with these texts in place of others. Returns the path."""
    text = (project / "man/examples/strait.yaml").read_text()
    for old, new in changes.values():
        assert old in text, old
        text = text.replace(old, str(new))
    path = directory / "strait.yaml"
    path.write_text(text)
    return path

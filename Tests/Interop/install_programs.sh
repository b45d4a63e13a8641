#!/bin/bash
# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
#
# Usage: install_programs.sh build|package|test|sanitize|bench
#
# Installs what is missing of the programs and headers that the build, `make deb`, the tests, `make sanitize` or
# `make bench` need.
# Debian and Ubuntu; as root or with sudo. When nothing is missing it asks for no rights and touches no network.
set -eu
PATH=$PATH:/usr/sbin:/sbin
missing=()

# need PACKAGE COMMAND...: the package is missing when the command fails.
need() {
    local package=$1
    shift
    "$@" >/dev/null 2>&1 || missing+=("$package")
}

for_build() {
    need pkg-config command -v pkg-config
    need libssl-dev pkg-config --exists 'openssl >= 3'
    need libyaml-dev sh -c 'pkg-config --exists yaml-0.1 && test -e "$(pkg-config --variable=libdir yaml-0.1)/libyaml.a"'
    need zlib1g-dev pkg-config --exists zlib
}

for_package() {
    need dpkg-dev command -v dpkg-shlibdeps
    need binutils command -v strip
}

for_tests() {
    for_package
    need lintian command -v lintian
    need zsh command -v zsh
    need fish command -v fish
    need openssh-server command -v sshd
    need openssh-client command -v sftp
    need openssh-sftp-server test -x /usr/lib/openssh/sftp-server
    need nginx command -v nginx
    need haproxy command -v haproxy
    need stunnel4 command -v stunnel
    need squid command -v squid
    need tinyproxy command -v tinyproxy
    need dante-server command -v danted
    need microsocks command -v microsocks
    need mosquitto command -v mosquitto
    need mosquitto-clients command -v mosquitto_sub
    need websockify command -v websockify
    # Ubuntu has no such package, only a snap; the tests of browsers are skipped there.
    apt-cache show chromium >/dev/null 2>&1 && need chromium command -v chromium
    need socat command -v socat
    need netcat-openbsd sh -c 'nc -h 2>&1 | grep OpenBSD'
    need curl command -v curl
    need openssl command -v openssl
    need strace command -v strace
    need valgrind command -v valgrind
    need mandoc command -v mandoc
    need prometheus command -v promtool
    need postgresql sh -c 'command -v psql && ls /usr/lib/postgresql/*/bin/initdb'
    need redis-server command -v redis-server
    need systemd command -v systemd-analyze
    need tshark command -v tshark
    need binutils command -v strip
    need python3-venv python3 -c 'import ensurepip, venv'
}

for_benchmarks() {
    need socat command -v socat
    need stunnel4 command -v stunnel
    need iperf3 command -v iperf3
    need strace command -v strace
    need valgrind command -v valgrind
    need openssl command -v openssl
    need binutils command -v strip
    need python3-venv python3 -c 'import ensurepip, venv'
}

case ${1-} in
build)
    if ! command -v swift >/dev/null; then
        echo "$0: no swift in PATH; Swift 6.2 or later is at https://www.swift.org/install/linux/" >&2
        exit 1
    fi
    for_build
    ;;
package) for_package ;;
test) for_tests ;;
sanitize)
    need valgrind command -v valgrind
    need openssl command -v openssl
    ;;
bench) for_benchmarks ;;
*)
    echo "usage: $0 build|package|test|sanitize|bench" >&2
    exit 64
    ;;
esac
[ ${#missing[@]} -gt 0 ] || exit 0

if ! command -v apt-get >/dev/null; then
    echo "$0: install these (Debian's names), then try again: ${missing[*]}" >&2
    exit 1
fi
as_root=()
[ "$(id -u)" -eq 0 ] || as_root=(sudo)
echo "Installing: ${missing[*]}"
# RUNLEVEL=1 asks maintainer scripts not to start daemons: the tests start their own, on free ports.
quiet=(env DEBIAN_FRONTEND=noninteractive RUNLEVEL=1)
"${as_root[@]}" "${quiet[@]}" apt-get update -qq
"${as_root[@]}" "${quiet[@]}" apt-get install -qq --yes --no-install-recommends "${missing[@]}"

#!/bin/bash
# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
#
# Usage: run_demo.sh STRAIT
#
# The main job on the built-in default: one strait listens in front of an echo service, another carries stdin and
# stdout through it, and every byte is checked.
set -eu
strait=$1
megabytes=16

work=$(mktemp -d)
listener=
clean_up() {
    [ -z "$listener" ] || kill "$listener" 2>/dev/null || true
    rm -rf "$work"
}
trap clean_up EXIT

"$strait" ws-listen:0/demo echo: 2>"$work/log" &
listener=$!
for _ in $(seq 100); do
    url=$(sed -n 's/^strait: listening on //p' "$work/log")
    [ -z "$url" ] || break
    kill -0 "$listener" 2>/dev/null || break
    sleep 0.1
done
if [ -z "$url" ]; then
    echo "The listening side did not start:" >&2
    cat "$work/log" >&2
    exit 1
fi

head -c "${megabytes}M" /dev/urandom >"$work/sent"
begin=$(date +%s%N)
"$strait" "$url" <"$work/sent" >"$work/received"
milliseconds=$((($(date +%s%N) - begin) / 1000000))
cmp "$work/sent" "$work/received"

cat <<TEXT

It works: $megabytes MiB of random bytes went from stdin through a WebSocket to an echo
service and back to stdout in $milliseconds ms, and every byte is the same.

    sent      $(sha256sum <"$work/sent" | cut -c 1-64)
    received  $(sha256sum <"$work/received" | cut -c 1-64)

What ran, and what you can run now:

    strait ws-listen:0/demo echo: &
    strait $url <sent >received

with strait being $strait
TEXT

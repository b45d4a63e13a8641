#!/bin/bash
# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
#
# Usage: valgrind_tls.sh STRAIT
#
# Carries bytes over wss:// with both ends under valgrind, and fails connections in the ways that TLS can fail. Fails at
# any error or lost block that OpenSSL or our TLS is the place of: memory behind the shim is freed by hand, and OpenSSL
# itself is built without a sanitizer. The rest is left to the sanitizers: optimised Swift reads padding, and
# singletons and glibc's resolver are never freed.
set -eu
directory=$(mktemp -d)
# valgrind stops at debug information that is newer than it; symbols are enough.
strait=$directory/strait
strip --strip-debug -o "$strait" "$1"
server=
trap '[ -z "$server" ] || kill "$server"; rm -rf "$directory"' EXIT
cd "$directory"

openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2 -subj /CN=localhost \
    -addext subjectAltName=DNS:localhost -keyout key.pem -out certificate.pem 2>openssl.err || { cat openssl.err; exit 1; }
head -c 2000000 /dev/urandom >input

# checked NAME COMMAND...: its errors go to NAME.log.
checked() {
    local name=$1
    shift
    exec valgrind --leak-check=full --show-leak-kinds=definite --log-file="$name.log" "$@"
}

(checked server "$strait" wss-listen:0 echo: --cert certificate.pem --key key.pem 2>listening) &
server=$!
until grep -q listening listening 2>/dev/null; do
    kill -0 "$server" 2>/dev/null || { cat listening server.log; exit 1; }
    sleep 0.2
done
url=$(sed -n 's/.*listening on //p' listening)
url=${url/127.0.0.1/localhost}

(checked client timeout 300 "$strait" --cacert certificate.pem - "$url" <input >output)
cmp input output
# A certificate that is not trusted; a listener without TLS; a client without.
(checked untrusted "$strait" - "$url" </dev/null 2>/dev/null) && { echo "an untrusted certificate was taken"; exit 1; }
(checked plain "$strait" - "${url/wss:/ws:}" </dev/null 2>/dev/null) && { echo "TLS was taken for HTTP"; exit 1; }
kill -TERM "$server"
wait "$server" || :
server=

status=0
for log in ./*.log; do
    # Blocks of a log are separated by lines that are empty but for the process id.
    sed 's/^==[0-9]*== *//' "$log" | awk -v RS= -F '\n' '
        { place = $2 $3 $4 $5 $6 }
        place ~ /libssl|libcrypto|TLSEngine|COpenSSL/ { print $0 "\n" }' >found
    [ ! -s found ] || { status=1; echo "$log:"; cat found; }
done
echo "valgrind: $(ls ./*.log | wc -l) runs, errors in TLS: $([ $status = 0 ] && echo none || echo see above)"
exit $status

#!/bin/bash
# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
#
# Usage: debian/build.sh DIRECTORY
#
# Makes a Debian package of what `make install PREFIX=/usr DESTDIR=DIRECTORY` has put into DIRECTORY, beside it. Needs
# dpkg-dev, no root, and no debhelper: what that would do here are the few lines below.
set -eu
cd "$(dirname "$0")/.."
root=$(cd "$1" && pwd)
package=$(dpkg-parsechangelog -S Source)
architecture=$(dpkg --print-architecture)
version=$(dpkg-parsechangelog -S Version)

# Reproducible: the time of what is made here is that of the changelog's entry.
SOURCE_DATE_EPOCH=${SOURCE_DATE_EPOCH:-$(dpkg-parsechangelog -S Timestamp)}
export SOURCE_DATE_EPOCH

documents=$root/usr/share/doc/$package
install -d -m 755 "$documents" "$root/DEBIAN"
install -m 644 debian/copyright "$documents/copyright"
gzip -9n <debian/changelog >"$documents/changelog.gz"
find "$root/usr/share/man" -name '*.[1-9]' -exec gzip -9nf {} +

# The version in the changelog and that of the program are one.
[ "$version" = "$("$root/usr/bin/$package" --version)" ] || {
    echo "$0: debian/changelog says $version, the program $("$root/usr/bin/$package" --version)" >&2
    exit 1
}

# Of libyaml a part is linked in, so that the program needs no more libraries than it says.
overrides=$root/usr/share/lintian/overrides
install -d -m 755 "$overrides"
echo "$package: embedded-library libyaml *" >"$overrides/$package"
chmod 644 "$overrides/$package"

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
dpkg-shlibdeps -T"$scratch/substitutions" -e"$root/usr/bin/$package"
# The list of files that it keeps is of no use here; it takes the place of whatever file is named, /dev/null too.
dpkg-gencontrol -p"$package" -P"$root" -T"$scratch/substitutions" -f"$scratch/files" -O >"$root/DEBIAN/control"
(cd "$root" && find usr -type f -print0 | LC_ALL=C sort -z | xargs -0 md5sum) >"$root/DEBIAN/md5sums"
find "$root" -type d -exec chmod 755 {} +
find "$root" -newermt "@$SOURCE_DATE_EPOCH" -exec touch -h -d "@$SOURCE_DATE_EPOCH" {} +
dpkg-deb --root-owner-group -Zxz -z2 --build "$root" "$(dirname "$root")/${package}_${version}_$architecture.deb"

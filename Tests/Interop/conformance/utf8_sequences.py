# SPDX-FileCopyrightText: The Strait authors
# SPDX-License-Identifier: Apache-2.0
"""UTF-8, valid and not: Markus Kuhn's stress test, which Autobahn's section 6 follows, by section and name.

`VALID` and `INVALID` are name -> bytes. `first_bad_byte` says where an invalid one gets so.
"""

import itertools

KOSME = "κ\u1f79σμε".encode()
UNICODE = "Hello-µ@ßöäüàá-UTF-8!!".encode()


def _joined(heads, tail=b""):
    return b" ".join(bytes([head]) + tail for head in heads)


VALID = {
    "6.2 letters": UNICODE,
    "6.5.1 kosme": KOSME,
    "6.5.2 kosme between": b"a" + KOSME + b"z",
    "6.7.1 first of 1 byte": b"\x00",
    "6.7.2 first of 2 bytes": b"\xc2\x80",
    "6.7.3 first of 3 bytes": b"\xe0\xa0\x80",
    "6.7.4 first of 4 bytes": b"\xf0\x90\x80\x80",
    "6.9.1 last of 1 byte": b"\x7f",
    "6.9.2 last of 2 bytes": b"\xdf\xbf",
    "6.9.3 last of 3 bytes": b"\xef\xbf\xbf",
    "6.9.4 last of 4 bytes": b"\xf4\x8f\xbf\xbf",
    "6.11.1 before the surrogates": b"\xed\x9f\xbf",
    "6.11.2 behind the surrogates": b"\xee\x80\x80",
    "6.11.3 replacement character": b"\xef\xbf\xbd",
    "6.11.4 U+10FFFF": b"\xf4\x8f\xbf\xbf",
    "all one byte characters": bytes(range(128)),
    "a byte order mark": b"\xef\xbb\xbfx",
    "every leading byte of 2": b"".join(bytes([head, 0x80, head, 0xBF]) for head in range(0xC2, 0xE0)),
    "every leading byte of 3": b"".join(chr(code).encode() for code in (*range(0x800, 0xD800, 0x1000), 0xE000, 0xF000)),
    "every leading byte of 4": b"".join(chr(code).encode() for code in (0x10000, 0x40000, 0x80000, 0xC0000, 0x100000)),
    **{f"6.22 noncharacter U+{code:X}": chr(code).encode()
       for code in [0xFDD0, 0xFDEF, *[plane << 16 | low for plane in range(17) for low in (0xFFFE, 0xFFFF)]]},
    **{f"6.23 special U+{code:X}": chr(code).encode() for code in range(0xFFF9, 0x10000)},
}  # fmt: skip

INVALID = {
    "an encoded surrogate": b"\xed\xa0\x80",
    "an overlong slash": b"\xc0\xaf",
    "an impossible byte": b"\xff",
    "6.3 kosme and a surrogate": KOSME + b"\xed\xa0\x80edited",
    "6.4.1 kosme and beyond": KOSME + b"\xf4\x90\x80\x80edited",
    "6.8.1 first of 5 bytes": b"\xf8\x88\x80\x80\x80",
    "6.8.2 first of 6 bytes": b"\xfc\x84\x80\x80\x80\x80",
    "6.10.1 last of 4 bytes": b"\xf7\xbf\xbf\xbf",
    "6.10.2 last of 5 bytes": b"\xfb\xbf\xbf\xbf\xbf",
    "6.10.3 last of 6 bytes": b"\xfd\xbf\xbf\xbf\xbf\xbf",
    "6.11.5 U+110000": b"\xf4\x90\x80\x80",
    "6.12.1 first continuation byte": b"\x80",
    "6.12.2 last continuation byte": b"\xbf",
    **{f"6.12.{count + 1} {count} continuation bytes": b"\x80\xbf" * (count // 2) + b"\x80" * (count % 2)
       for count in range(2, 8)},
    "6.12.9 all continuation bytes": bytes(range(0x80, 0xC0)),
    "6.13.1 lonely starts of 2": _joined(range(0xC0, 0xE0)) + b" ",
    "6.13.1 lonely valid starts of 2": _joined(range(0xC2, 0xE0)) + b" ",
    "6.13.2 lonely starts of 3": _joined(range(0xE0, 0xF0)) + b" ",
    "6.13.3 lonely starts of 4": _joined(range(0xF0, 0xF8)) + b" ",
    "6.13.4 lonely starts of 5": _joined(range(0xF8, 0xFC)) + b" ",
    "6.13.5 lonely starts of 6": _joined(range(0xFC, 0xFE)) + b" ",
    "6.14.1 last byte missing, U+0000 of 2": b"\xc0",
    "6.14.2 last byte missing, U+0000 of 3": b"\xe0\x80",
    "6.14.3 last byte missing, U+0000 of 4": b"\xf0\x80\x80",
    "6.14.4 last byte missing, U+0000 of 5": b"\xf8\x80\x80\x80",
    "6.14.5 last byte missing, U+0000 of 6": b"\xfc\x80\x80\x80\x80",
    "6.14.6 last byte missing, U+07FF": b"\xdf",
    "6.14.7 last byte missing, U+FFFF": b"\xef\xbf",
    "6.14.8 last byte missing, U+1FFFFF": b"\xf7\xbf\xbf",
    "6.14.9 last byte missing, U+3FFFFFF": b"\xfb\xbf\xbf\xbf",
    "6.14.10 last byte missing, U+7FFFFFFF": b"\xfd\xbf\xbf\xbf\xbf",
    "6.15.1 all of them": bytes.fromhex("c0 e080 f08080 f8808080 fc80808080 df efbf f7bfbf fbbfbfbf fdbfbfbfbf"),
    "6.16.1 fe": b"\xfe",
    "6.16.2 ff": b"\xff",
    "6.16.3 fe fe ff ff": b"\xfe\xfe\xff\xff",
    "6.17.1 overlong slash of 2": b"\xc0\xaf",
    "6.17.2 overlong slash of 3": b"\xe0\x80\xaf",
    "6.17.3 overlong slash of 4": b"\xf0\x80\x80\xaf",
    "6.17.4 overlong slash of 5": b"\xf8\x80\x80\x80\xaf",
    "6.17.5 overlong slash of 6": b"\xfc\x80\x80\x80\x80\xaf",
    "6.18.1 longest overlong of 2": b"\xc1\xbf",
    "6.18.2 longest overlong of 3": b"\xe0\x9f\xbf",
    "6.18.3 longest overlong of 4": b"\xf0\x8f\xbf\xbf",
    "6.18.4 longest overlong of 5": b"\xf8\x87\xbf\xbf\xbf",
    "6.18.5 longest overlong of 6": b"\xfc\x83\xbf\xbf\xbf\xbf",
    "6.19.1 overlong NUL of 2": b"\xc0\x80",
    "6.19.2 overlong NUL of 3": b"\xe0\x80\x80",
    "6.19.3 overlong NUL of 4": b"\xf0\x80\x80\x80",
    "6.19.4 overlong NUL of 5": b"\xf8\x80\x80\x80\x80",
    "6.19.5 overlong NUL of 6": b"\xfc\x80\x80\x80\x80\x80",
    **{f"6.20 surrogate U+{code:X}": chr(code).encode("utf-8", "surrogatepass")
       for code in (0xD800, 0xDB7F, 0xDB80, 0xDBFF, 0xDC00, 0xDF80, 0xDFFF)},
    **{f"6.21 surrogates U+{high:X} U+{low:X}": (chr(high) + chr(low)).encode("utf-8", "surrogatepass")
       for high in (0xD800, 0xDB7F, 0xDB80, 0xDBFF) for low in (0xDC00, 0xDFFF)},
    "f5": b"\xf5\x80\x80\x80",
    "a start inside a character of 2": b"\xc3\xc3\xa4",
    "ASCII inside a character of 3": b"\xe2\x82A",
    "ASCII inside a character of 4": b"\xf0\x9f\x98A",
    "one continuation byte too many": b"\xc3\xa4\xa4",
    "late, behind a kilobyte": b"x" * 1000 + b"\xff",
    "Latin-1": b"sch\xf6n",
    "UTF-16": "Hi".encode("utf-16"),
}  # fmt: skip


def _can_go_on(data):
    """Some continuation bytes make it valid."""
    for count in range(4):
        for tail in itertools.product((0x80, 0xBF), repeat=count):
            try:
                (data + bytes(tail)).decode()
                return True
            except UnicodeDecodeError:
                pass
    return False


def first_bad_byte(data):
    """The offset of the first byte after which nothing could make it valid; None if it only lacks its end."""
    return next((offset for offset in range(len(data)) if not _can_go_on(data[: offset + 1])), None)

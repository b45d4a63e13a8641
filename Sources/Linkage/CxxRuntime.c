// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

// Links what Swift's own runtime uses of libstdc++ and libgcc_s, 170 KB, into the release binary. To load the two took
// an eighth of the time of a start: 1,700 symbols are looked up, and 60 pages written, for three dozen functions.
//
// swiftc names -lstdc++ itself, behind the objects and what they ask for in this section, and in front of all that a
// package can say. So it is asked for here, and no library that nothing is left for is loaded.

#ifdef STRAIT_RELEASE

__asm__(
    ".section .swift1_autolink_entries, \"e\", @progbits\n"
    "    .asciz \"-Wl,--as-needed\"\n"
    "    .asciz \"-l:libstdc++.a\"\n"
    "    .asciz \"-l:libgcc_eh.a\"\n"
    ".text\n"
);

#endif

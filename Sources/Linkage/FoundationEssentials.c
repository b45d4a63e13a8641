// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

// Keeps FoundationEssentials, a quarter of the release binary, out of it. Only ArgumentParser wants it, for the symbols
// below, and the linker looks for them in its archive only if nobody else has them. They are weak: whoever needs other
// parts of FoundationEssentials gets all that these come with. Hidden: no other library of a process ever sees them.
//
// An ArgumentParser that wants more brings FoundationEssentials back, and Tests/Interop/test_binary.py notices.

#ifdef STRAIT_RELEASE

#include <unistd.h>

#define STAND_IN __attribute__((weak, visibility("hidden")))

// The encoder of `--experimental-dump-help`. Whichever function of it is called first ends the program.
static _Noreturn void refuse(void) {
    static const char message[] = "strait: usage: --experimental-dump-help is not built in (see strait --help)\n";
    // Nothing has been opened, started or changed that an exit would have to undo.
    _exit(write(STDERR_FILENO, message, sizeof message - 1) < 0 ? 64 : 64);
}

/// Type metadata accessor of JSONEncoder.
STAND_IN void $s20FoundationEssentials11JSONEncoderCMa(void) { refuse(); }
/// JSONEncoder.init()
STAND_IN void $s20FoundationEssentials11JSONEncoderCACycfc(void) { refuse(); }
/// JSONEncoder.OutputFormatting.prettyPrinted
STAND_IN void $s20FoundationEssentials11JSONEncoderC16OutputFormattingV13prettyPrintedAEvau(void) { refuse(); }
/// JSONEncoder.OutputFormatting.sortedKeys
STAND_IN void $s20FoundationEssentials11JSONEncoderC16OutputFormattingV10sortedKeysAEvau(void) { refuse(); }
/// String.init?(data: Data, encoding: String.Encoding)
STAND_IN void $sSS20FoundationEssentialsE4data8encodingSSSgAA4DataVh_SSAAE8EncodingVtcfC(void) { refuse(); }
/// String.Encoding.utf8
STAND_IN void $sSS20FoundationEssentialsE8EncodingV4utf8ACvau(void) { refuse(); }

// Descriptor of LocalizedError. An error is asked at run time whether it is one, so this must be a real protocol: as
// swiftc writes one without requirements. Nothing conforms to it, so the answer is no, and its description is shown.
__asm__(
    ".section .rodata.FoundationEssentials, \"a\", @progbits\n"
    ".balign 4\n"
    ".Lmodule:\n"
    "    .long 0\n"                            // a module
    "    .long 0\n"                            // in nothing
    "    .long .Lmodule_name - (.Lmodule + 8)\n"
    ".weak $s20FoundationEssentials14LocalizedErrorMp\n"
    ".hidden $s20FoundationEssentials14LocalizedErrorMp\n"
    ".type $s20FoundationEssentials14LocalizedErrorMp, @object\n"
    ".size $s20FoundationEssentials14LocalizedErrorMp, 24\n"
    "$s20FoundationEssentials14LocalizedErrorMp:\n"
    ".Lprotocol:\n"
    "    .long 0x10043\n"                      // a protocol, unique, not for classes alone
    "    .long .Lmodule - (.Lprotocol + 4)\n"
    "    .long .Lprotocol_name - (.Lprotocol + 8)\n"
    "    .long 0\n"                            // requirements in its signature
    "    .long 0\n"                            // requirements
    "    .long 0\n"                            // associated types
    ".Lmodule_name:\n"
    "    .asciz \"FoundationEssentials\"\n"
    ".Lprotocol_name:\n"
    "    .asciz \"LocalizedError\"\n"
    ".text\n"
);

#endif

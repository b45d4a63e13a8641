// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc

/// crypt(3) of the system's libcrypt, loaded when the first password is to be checked: who uses none needs no library.
struct CryptLibrary: Sendable {
    private typealias Crypt =
        @convention(c) (UnsafePointer<CChar>, UnsafePointer<CChar>, UnsafeMutableRawPointer) -> UnsafeMutablePointer<
            CChar
        >?

    /// It can't be loaded: the linker's words.
    struct Missing: Error {
        let reason: String
    }

    private let crypt: Crypt

    /// More than `struct crypt_data` of any libcrypt has: 32 KiB in libxcrypt, 128 KiB in glibc's own.
    private static let stateSize = 256 << 10

    init() throws(Missing) {
        guard
            let library = dlopen("libcrypt.so.1", RTLD_NOW | RTLD_LOCAL)
                ?? dlopen("libcrypt.so.2", RTLD_NOW | RTLD_LOCAL),
            let symbol = dlsym(library, "crypt_r")
        else { throw Missing(reason: dlerror().map { String(cString: $0) } ?? "no crypt_r in it") }
        self.crypt = unsafeBitCast(symbol, to: Crypt.self)
    }

    /// Takes its time: up to a second, with a core to itself.
    ///
    /// - Returns: The hash of `password` made in the way of `hash`; `nil` when the library does not know that way.
    func hash(_ password: String, as hash: PasswordHash) -> String? {
        let state = UnsafeMutableRawPointer.allocate(byteCount: Self.stateSize, alignment: 16)
        state.initializeMemory(as: UInt8.self, repeating: 0, count: Self.stateSize)
        defer {
            // It holds the password.
            explicit_bzero(state, Self.stateSize)
            state.deallocate()
        }
        return self.crypt(password, hash.text, state).map { String(cString: $0) }
    }
}

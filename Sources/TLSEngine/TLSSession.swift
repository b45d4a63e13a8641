// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// One reference to an `SSL_SESSION`, given back when the last owner is gone.
///
/// `@unchecked`: the reference count is atomic, and nothing writes to a session once it is established
/// (SSL_SESSION_up_ref(3)).
final class TLSSession: @unchecked Sendable {
    let pointer: OpaquePointer

    /// Takes over one reference.
    init(owning pointer: OpaquePointer) {
        self.pointer = pointer
    }

    deinit {
        SSL_SESSION_free(self.pointer)
    }

    /// Whether it may be offered again. A ticket of TLS 1.3 is for one use, so that observers cannot link connections
    /// (RFC 8446 §C.4); the server sends another.
    var isReusable: Bool {
        SSL_SESSION_get_protocol_version(self.pointer) < TLS1_3_VERSION
    }
}

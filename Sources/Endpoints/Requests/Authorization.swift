// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

/// What the `Authorization` field of a request says.
public enum Authorization: Hashable, Sendable {
    /// `user:password` (RFC 7617).
    case basic(String)
    /// A token (RFC 6750).
    case bearer(String)

    var fieldValue: String {
        switch self {
        case .basic(let credentials): "Basic \(Base64.encode(credentials.utf8))"
        case .bearer(let token): "Bearer \(token)"
        }
    }
}

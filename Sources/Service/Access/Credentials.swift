// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

/// What a request's Authorization field says.
enum Credentials: Equatable {
    case none
    case basic(user: String, password: String)
    case bearer(String)
    /// Another scheme, or what can't be read.
    case other

    init(_ headers: HeaderFields) {
        let values = headers.values(for: "Authorization")
        guard let value = values.first else {
            self = .none
            return
        }
        guard values.count == 1, let space = value.firstIndex(of: " ") else {
            self = .other
            return
        }
        let rest = value[space...].drop { $0 == " " }
        switch value[..<space].lowercased() {
        case "basic":
            guard let bytes = Base64.decode(rest), let text = String(validating: bytes, as: UTF8.self),
                let colon = text.utf8.firstIndex(of: UInt8(ascii: ":")),
                // crypt(3) would take a zero byte for the password's end.
                !bytes.contains(0)
            else {
                self = .other
                return
            }
            let password = text[text.index(after: colon)...]
            self = .basic(user: String(text[..<colon]), password: String(password))
        case "bearer":
            self = .bearer(String(rest))
        default:
            self = .other
        }
    }
}

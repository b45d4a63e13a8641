// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

/// User and password for a proxy. There is no description: they are never logged.
public struct ProxyCredentials: Hashable, Sendable {
    /// Without a colon for Basic, see ``isFitForBasic``.
    public var user: String
    /// May be empty.
    public var password: String

    /// These, as they are sent.
    public init(user: String, password: String) {
        self.user = user
        self.password = password
    }

    /// `user:password`, each percent-decoded, as curl does it. What is no escape stays as it is.
    public init(_ text: some StringProtocol) {
        let scalars = String(text).unicodeScalars
        let colon = scalars.firstIndex(of: ":") ?? scalars.endIndex
        self.user = Self.decoded(scalars[..<colon])
        self.password = Self.decoded(scalars[colon...].dropFirst())
    }

    /// Basic can't tell a colon in the user's name from the one behind it (RFC 7617 §2).
    var isFitForBasic: Bool { !self.user.utf8.contains(UInt8(ascii: ":")) }

    /// The lengths have a byte each (RFC 1929 §2), and a user without a name is none.
    var isFitForSOCKS: Bool {
        (1...255).contains(self.user.utf8.count) && self.password.utf8.count <= 255
    }

    /// What `Proxy-Authorization` says.
    var basic: String { "Basic \(Base64.encode("\(self.user):\(self.password)".utf8))" }

    private static func decoded(_ text: Substring.UnicodeScalarView) -> String {
        var bytes: [UInt8] = []
        var rest = Substring(text).utf8
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), let value = self.hexByte(rest.prefix(2)) {
                bytes.append(value)
                rest = rest.dropFirst(2)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    private static func hexByte(_ digits: Substring.UTF8View) -> UInt8? {
        guard digits.count == 2, digits.allSatisfy({ $0 != UInt8(ascii: "+") }) else { return nil }
        return UInt8(Substring(digits), radix: 16)
    }
}

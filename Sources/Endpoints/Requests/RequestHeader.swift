// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import WebSocketCore

/// Puts together what a request says beyond the handshake.
struct RequestHeader {
    let options: LinkOptions.Request
    let url: WebSocketURL
    /// Whether this goes where the user said. Credentials, cookies and `Host` are for that place only: a redirect that
    /// leads elsewhere must not carry them along.
    let isFirstOrigin: Bool

    /// The fields in place of or besides those of the handshake.
    var additional: [(String, String)] {
        var fields = HeaderFields([("User-Agent", self.options.userAgent)])
        if let authorization { fields.append("Authorization", authorization.fieldValue) }
        let cookies =
            self.options.cookieJar.cookies(for: self.url, at: time(nil))
            + (self.isFirstOrigin ? self.options.cookies : [])
        if !cookies.isEmpty { fields.append("Cookie", cookies.joined(separator: "; ")) }
        fields.replace(
            with: self.changes.compactMap { change in
                switch change {
                case .set(let name, let value): (name, value)
                case .remove: nil
                }
            }
        )
        let removed = self.removed
        return fields.fields.filter { field in !removed.contains { $0.isSameName(as: field.name) } }.map {
            ($0.name, $0.value)
        }
    }

    /// Names of the fields that shall not be sent.
    var removed: [String] {
        self.changes.compactMap { change in
            switch change {
            case .set: nil
            case .remove(let name): name
            }
        }
    }

    private var changes: [HeaderChange] {
        guard !self.isFirstOrigin else { return self.options.headers }
        return self.options.headers.filter { change in
            !["Authorization", "Cookie", "Host"].contains { $0.isSameName(as: change.name) }
        }
    }

    /// What is given for this place comes first, then what is looked up for it.
    var authorization: Authorization? {
        if self.isFirstOrigin, let given = self.options.authorization { return given }
        let inAddress = self.url.credentials.map { Authorization.basic(Self.withColon($0)) }
        let lookedUp = self.lookedUp
        let found = self.options.isNetrcOptional ? inAddress ?? lookedUp : lookedUp ?? inAddress
        return found ?? (self.isFirstOrigin ? self.options.fallbackAuthorization : nil)
    }

    private var lookedUp: Authorization? {
        let user = self.url.credentials.map { $0.prefix { $0 != ":" } }.map(String.init)
        return self.options.netrc?.credentials(for: self.url.hostAndPort.host, user: user).map(Authorization.basic)
    }

    /// A user without password has an empty one: Basic authentication wants the colon (RFC 7617 §2).
    private static func withColon(_ credentials: String) -> String {
        credentials.utf8.contains(UInt8(ascii: ":")) ? credentials : credentials + ":"
    }
}

extension String {
    /// Names of fields are the same whatever their case (RFC 9110 §5.1).
    fileprivate func isSameName(as other: String) -> Bool {
        self.lowercased() == other.lowercased()
    }
}

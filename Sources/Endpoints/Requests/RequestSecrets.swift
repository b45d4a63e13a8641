// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What of a request's query may be a token: it is hidden where an answer repeats it.
struct RequestSecrets: Hashable, Sendable {
    /// The longest first, since one may begin with another.
    private let values: [[UInt8]]

    /// - Parameter target: path and query, as sent in the request line.
    init(target: String) {
        let query = target.utf8.drop { $0 != UInt8(ascii: "?") }.dropFirst()
        let values = query.split(separator: UInt8(ascii: "&")).map { field in
            Array(field.firstIndex(of: UInt8(ascii: "=")).map { field[$0...].dropFirst() } ?? field)
        }
        self.values = (values + values.map(Self.percentDecoded)).filter { $0.count >= Self.shortest }
            .sorted { $0.count > $1.count }
    }

    /// `text` with an ellipsis for each of them, also for one whose end has been cut off.
    func hidden(in text: String) -> String {
        var bytes = Array(text.utf8)
        for value in self.values {
            var index = 0
            while index + Self.shortest <= bytes.count {
                let rest = bytes[index...]
                if rest.starts(with: value) {
                    bytes.replaceSubrange(index..<index + value.count, with: Self.ellipsis)
                    index += Self.ellipsis.count
                } else if rest.count < value.count, value.starts(with: rest) {
                    bytes.replaceSubrange(index..., with: Self.ellipsis)
                } else {
                    index += 1
                }
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// The same for a `Location`, without its user and password.
    func hidden(inLocation location: String) -> String {
        guard let start = Self.authority(in: location) else { return self.hidden(in: location) }
        let authority = location[start...].prefix { !"/?#".contains($0) }
        let host = authority.lastIndex(of: "@").map { location.index(after: $0) } ?? start
        return self.hidden(in: "\(location[..<start])\(location[host...])")
    }

    /// Where host, or user and password, begin: after a scheme, or in place of one.
    private static func authority(in location: String) -> String.Index? {
        let scheme = location.prefix { !":/?#".contains($0) }
        var rest = location[scheme.endIndex...]
        if rest.first == ":" {
            rest.removeFirst()
        } else if !scheme.isEmpty {
            return nil
        }
        return rest.hasPrefix("//") ? rest.index(rest.startIndex, offsetBy: 2) : nil
    }

    private static func percentDecoded(_ value: [UInt8]) -> [UInt8] {
        var decoded: [UInt8] = []
        var rest = value[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "%"), rest.count >= 2,
                let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
            {
                decoded.append(code)
                rest.removeFirst(2)
            } else {
                decoded.append(byte)
            }
        }
        return decoded
    }

    private static let ellipsis = Array("…".utf8)
    /// What is shorter is no secret, and may be part of any word.
    private static let shortest = 4
}

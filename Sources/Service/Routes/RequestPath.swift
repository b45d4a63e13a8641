// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import WebSocketCore

/// The path of a request's target, checked so strictly that nothing in front of us can have taken it for another one.
///
/// Routes compare the segments as they came, byte for byte; what a route takes out of one is decoded.
struct RequestPath: Equatable, Sendable {
    /// The segments as they came: those of `/a/b%20c` are `a` and `b%20c`, that of `/` is empty.
    let segments: [String]
    /// The authority of a target in absolute form, `http://host/path`; it must be that of the Host field.
    let authority: String?
    /// As it came, without query.
    let text: String
    /// What stands behind the `?`; empty without one.
    let query: String

    /// - Parameter target: The target in the request's first line.
    /// - Throws: Why this can be no honest path.
    init(target: String) throws(RequestPathError) {
        // A byte that is not UTF-8 has become a character outside ASCII by now, and none of these belongs here.
        guard target.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else { throw .character }
        let mark = target.firstIndex(of: "?") ?? target.endIndex
        self.query = String(target[mark...].dropFirst())
        var path = target[..<mark]
        if path.hasPrefix("/") {
            self.authority = nil
        } else if let scheme = Self.schemes.first(where: { path.lowercased().hasPrefix($0) }) {
            path = path.dropFirst(scheme.count)
            let slash = path.firstIndex(of: "/") ?? path.endIndex
            self.authority = String(path[..<slash])
            path = slash == path.endIndex ? "/" : path[slash...]
        } else {
            throw .notAbsolute
        }
        self.text = String(path)
        self.segments = path.dropFirst().split(separator: "/", omittingEmptySubsequences: false).map(String.init)
        for (index, segment) in self.segments.enumerated() {
            // Only the last one may be empty: /a/ is another path than /a, and // none at all.
            guard !segment.isEmpty || index == self.segments.count - 1 else { throw .emptySegment }
            try Self.check(segment)
        }
    }

    /// `text` with its percent-encoded bytes decoded; all checks have passed for it.
    static func decoded(_ segment: String) -> String? {
        var bytes: [UInt8] = []
        var rest = segment.utf8[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(Self.hexValue), let low = rest.popFirst().flatMap(Self.hexValue)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func check(_ segment: String) throws(RequestPathError) {
        guard segment.utf8.allSatisfy({ Self.characters.contains($0) }) else { throw .character }
        // What precedes a parameter counts, too: some servers take /a/..;x/b for /b.
        let name = segment.prefix { $0 != ";" }
        guard name != ".", name != ".." else { throw .dots }
        guard segment.utf8.contains(UInt8(ascii: "%")) else { return }
        guard let decoded = Self.decoded(segment) else { throw .encoding }
        // Every one of these has its own meaning when it is not encoded, so another program may have seen another path.
        let isSuspicious = decoded.unicodeScalars.contains { scalar in
            scalar == "/" || scalar == "\\" || scalar == "%" || scalar.properties.generalCategory == .control
        }
        guard !isSuspicious else { throw .encodedDelimiter }
        // Letters, digits and dots are never encoded by an honest client (RFC 3986 §6.2.2.2), but a rule that a proxy
        // has for /admin is got round by /%61dmin.
        guard Self.encodedBytes(segment).allSatisfy({ !Self.unreserved.contains($0) }) else { throw .needlessEncoding }
    }

    private static func encodedBytes(_ segment: String) -> [UInt8] {
        segment.utf8.split(separator: UInt8(ascii: "%"), omittingEmptySubsequences: false).dropFirst().compactMap {
            UInt8(Substring($0.prefix(2)), radix: 16)
        }
    }

    private static func hexValue(_ digit: UInt8) -> UInt8? {
        switch digit {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): digit - UInt8(ascii: "0")
        case UInt8(ascii: "A")...UInt8(ascii: "F"): digit - UInt8(ascii: "A") + 10
        case UInt8(ascii: "a")...UInt8(ascii: "f"): digit - UInt8(ascii: "a") + 10
        default: nil
        }
    }

    private static let schemes = ["http://", "https://", "ws://", "wss://"]
    private static let unreserved = Set(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~".utf8
    )
    /// `pchar` of RFC 3986 §3.3.
    private static let characters = Self.unreserved.union("!$&'()*+,;=:@%".utf8)
}

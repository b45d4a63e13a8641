// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The host in a Host field.
enum RequestHost {
    /// `host`, `host:port`, `[::1]:port`: the host in lower case, without brackets, port or final dot. `nil` if it is none.
    static func name(of field: String) -> String? {
        let host: Substring
        let rest: Substring
        if field.hasPrefix("[") {
            guard let end = field.firstIndex(of: "]") else { return nil }
            host = field[..<end].dropFirst()
            rest = field[field.index(after: end)...]
            guard host.utf8.allSatisfy({ $0.isHexDigit || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".") }) else {
                return nil
            }
        } else {
            host = field.prefix { $0 != ":" }
            rest = field[host.endIndex...]
            guard host.utf8.allSatisfy({ $0.isHostCharacter }) else { return nil }
        }
        let isPort = rest.isEmpty || (rest.hasPrefix(":") && rest.dropFirst().utf8.allSatisfy { 0x30...0x39 ~= $0 })
        let name = host.hasSuffix(".") ? host.dropLast() : host
        guard isPort, !name.isEmpty, !name.hasSuffix(".") else { return nil }
        return name.lowercased()
    }
}

extension UInt8 {
    fileprivate var isHexDigit: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "f"),
            UInt8(ascii: "A")...UInt8(ascii: "F"):
            true
        default: false
        }
    }

    fileprivate var isHostCharacter: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"):
            true
        default: false
        }
    }
}

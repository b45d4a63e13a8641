// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Hosts that are connected to without a proxy: `--noproxy`, `no_proxy`.
///
/// Read as curl reads it: names between commas or blanks, each also good for all names below it, addresses, networks in
/// CIDR notation; `*` alone stands for every host.
public struct NoProxyList: Sendable {
    private let entries: [Substring]

    /// Any text will do: what is no name matches no host.
    public init(_ text: String) {
        self.entries = text.split { $0 == "," || $0 == " " || $0 == "\t" }
        self.isEverything = text == "*"
    }

    private let isEverything: Bool

    /// - Parameter host: a name or an address, without brackets.
    public func contains(_ host: String) -> Bool {
        guard !self.isEverything else { return !host.isEmpty }
        if let address = IPAddress(host) { return self.entries.contains { Self.matches(address, $0) } }
        let name = Self.withoutDot(host.lowercased()[...])
        guard !name.isEmpty else { return false }
        return self.entries.contains { Self.matches(name, $0.lowercased()[...]) }
    }

    private static func matches(_ name: Substring, _ entry: Substring) -> Bool {
        let end = self.withoutDot(entry)
        let domain = end.first == "." ? end.dropFirst() : end
        return !domain.isEmpty && (name == domain || name.hasSuffix(".\(domain)"))
    }

    private static func matches(_ address: IPAddress, _ entry: Substring) -> Bool {
        let parts = entry.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        let first = parts.first ?? entry
        let text = first.hasPrefix("[") && first.hasSuffix("]") ? first.dropFirst().dropLast() : first
        guard let network = IPAddress(text), network.family == address.family else { return false }
        let bitCount = address.family.bitCount
        guard parts.count == 2 else { return network == address }
        // curl takes a prefix of 0, or one that is no number, for a whole address.
        guard let given = parts.last.flatMap({ UInt8($0) }), given <= bitCount else { return false }
        let prefix = given == 0 ? bitCount : Int(given)
        return network.bits >> (bitCount - prefix) == address.bits >> (bitCount - prefix)
    }

    private static func withoutDot(_ name: Substring) -> Substring {
        name.last == "." ? name.dropLast() : name
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// What a request may choose to be connected to: `10.0.0.0/8:22,5432`, `[fd00::/8]:1024-65535`, `192.0.2.7:*`,
/// `unix:/run/services/`.
///
/// A rule for a range that reaches further does not name the addresses that mean this machine or the one link it is on:
/// loopback, link-local and unspecified ones, and forms of IPv6 that carry IPv4 along. A rule that names nothing else
/// does.
struct AllowRule: Hashable, Sendable, CustomStringConvertible {
    private enum What: Hashable, Sendable {
        case network(Network, [ClosedRange<Int>])
        /// Sockets right in this folder, which ends with a slash.
        case folder(String)
    }

    /// As it was written.
    let description: String
    private let what: What

    init(_ text: String) throws(ValueError) {
        self.description = text
        if text.hasPrefix("unix:") {
            let folder = text.dropFirst("unix:".count)
            guard folder.hasPrefix("/"), folder.hasSuffix("/") else {
                throw ValueError("\(text): no folder", "write unix:/FOLDER/")
            }
            self.what = .folder(String(folder))
            return
        }
        let (name, ports) = try Self.split(text)
        let network: Network
        do throws(AddressError) {
            network = try Network(name)
        } catch {
            throw ValueError("\(text): \(error.problem)", error.expected)
        }
        self.what = .network(network, try Self.ports(ports, in: text))
    }

    /// - Parameter port: Of the connection.
    func permits(_ address: IPAddress, port: Int) -> Bool {
        switch self.what {
        case .network(let network, let ports):
            guard network.contains(address), ports.contains(where: { $0.contains(port) }) else { return false }
            let special = Self.special.filter { $0.contains(address) }
            return special.isEmpty || special.contains { $0.contains(network) }
        case .folder:
            return false
        }
    }

    /// - Parameter path: Of a Unix socket.
    func permits(socket path: String) -> Bool {
        switch self.what {
        case .network: false
        case .folder(let folder): path.hasPrefix(folder) && !path.dropFirst(folder.count).contains("/")
        }
    }

    private static func split(_ text: String) throws(ValueError) -> (network: String, ports: Substring) {
        if text.hasPrefix("["), let end = text.firstIndex(of: "]") {
            let rest = text[text.index(after: end)...]
            guard rest.hasPrefix(":") else { throw ValueError("\(text): no ports", Self.form) }
            return (String(text[..<end].dropFirst()), rest.dropFirst())
        }
        let start = text.firstIndex(of: "/") ?? text.startIndex
        guard let colon = text[start...].lastIndex(of: ":") else { throw ValueError("\(text): no ports", Self.form) }
        guard start > text.startIndex || !text[..<colon].contains(":") else {
            throw ValueError("\(text): an IPv6 address needs brackets", Self.form)
        }
        return (String(text[..<colon]), text[text.index(after: colon)...])
    }

    private static func ports(_ list: Substring, in text: String) throws(ValueError) -> [ClosedRange<Int>] {
        if list == "*" { return [1...65535] }
        var ranges: [ClosedRange<Int>] = []
        for part in list.split(separator: ",", omittingEmptySubsequences: false) {
            let ends = part.split(separator: "-", maxSplits: 1, omittingEmptySubsequences: false).map(Self.port)
            guard let first = ends.first, let low = first, let last = ends.last, let high = last, low <= high else {
                throw ValueError("\(text): \"\(part)\" is no port", Self.form)
            }
            ranges.append(low...high)
        }
        return ranges
    }

    private static func port(_ text: Substring) -> Int? {
        guard text.utf8.count <= 5, text.utf8.allSatisfy({ 0x30...0x39 ~= $0 }), let port = Int(text),
            1...65535 ~= port
        else { return nil }
        return port
    }

    private static let form = "write NETWORK:PORTS, such as 10.0.0.0/8:22,5432, [fd00::/8]:1024-2048 or 192.0.2.7:*"

    private static let special = [
        // This host and network; loopback; link-local.
        "0.0.0.0/8", "127.0.0.0/8", "169.254.0.0/16", "fe80::/10",
        // ::, ::1 and IPv4-compatible addresses; translated ones (RFC 6052, RFC 8215); 6to4; Teredo.
        "::/96", "64:ff9b::/96", "64:ff9b:1::/48", "2002::/16", "2001::/32",
        // Where packets go to more than one.
        "224.0.0.0/4", "255.255.255.255", "ff00::/8",
    ].compactMap { try? Network($0) }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A name of a client's certificate that opens a route: `DNS:build.example`, `DNS:*.example`, `URI:spiffe://…`,
/// `email:ada@example`.
struct ClientName: Hashable, Sendable {
    private enum Match: Hashable, Sendable {
        case whole(String)
        /// One more label in front of this.
        case below(String)
    }
    private let match: Match

    init(_ text: String) throws(ValueError) {
        let form = "write DNS:NAME, DNS:*.NAME, URI:… or email:…, as the certificate's subjectAltName has it"
        guard let colon = text.firstIndex(of: ":"), text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ValueError("\(text) is no name of a certificate", form)
        }
        let name = text[text.index(after: colon)...]
        guard !name.isEmpty else { throw ValueError("\(text) has no name", form) }
        switch text[..<colon] {
        case "DNS" where name.hasPrefix("*."):
            guard name.utf8.count > 2, !name.dropFirst(2).utf8.contains(UInt8(ascii: "*")) else {
                throw ValueError("\(text) is no name of a certificate", form)
            }
            self.match = .below("DNS:" + name.dropFirst(2).lowercased())
        case "DNS": self.match = .whole("DNS:" + name.lowercased())
        case "URI", "email": self.match = .whole(text)
        default: throw ValueError("\(text) is no name of a certificate", form)
        }
    }

    /// - Parameter name: As `TLSHandshakeCompleted.peerNames` has it.
    func permits(_ name: String) -> Bool {
        let comparable = name.hasPrefix("DNS:") ? "DNS:" + name.dropFirst("DNS:".count).lowercased() : name
        switch self.match {
        case .whole(let own): return comparable == own
        case .below(let own):
            guard comparable.hasPrefix("DNS:"), let dot = comparable.firstIndex(of: ".") else { return false }
            let label = comparable[..<dot].dropFirst("DNS:".count)
            // A certificate for a wildcard is for no host in particular.
            return !label.isEmpty && label != "*" && "DNS:" + comparable[dot...].dropFirst() == own
        }
    }
}

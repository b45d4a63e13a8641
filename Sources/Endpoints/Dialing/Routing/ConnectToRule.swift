// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// `HOST1:PORT1:HOST2:PORT2`: connect to the second in place of the first (`--connect-to`).
///
/// Without the first host or port it holds for any; without the second one, that stays as it is.
public struct ConnectToRule: Hashable, Sendable {
    private let host: String
    private let port: Int?
    private let newHost: String
    private let newPort: Int?

    /// IPv6 addresses stand in brackets.
    public init(_ text: String) throws(AddressError) {
        var reader = FieldReader(text: text, form: "use HOST1:PORT1:HOST2:PORT2, each of which may be empty")
        self.host = FieldReader.withoutBrackets(reader.next()).lowercased()
        self.port = try reader.port(reader.next())
        guard !reader.isShort else { throw reader.error("too few parts") }
        // As with curl, the last part may be missing, its colon included.
        self.newHost = String(FieldReader.withoutBrackets(reader.next()))
        self.newPort = try reader.port(reader.rest)
        guard self.host.first != "[", self.newHost.first != "[" else { throw reader.error("a bracket is open") }
    }

    /// - Returns: `nil` if the rule is not for `host`.
    func destination(of host: HostAndPort) -> HostAndPort? {
        guard self.host.isEmpty || self.host == host.host.lowercased(), self.port ?? host.port == host.port else {
            return nil
        }
        return HostAndPort(self.newHost.isEmpty ? host.host : self.newHost, self.newPort ?? host.port)
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// `HOST:PORT:ADDRESS[,ADDRESS]…`: the addresses of a name at a port (`--resolve`).
public struct ResolveRule: Hashable, Sendable {
    private let host: String
    private let port: Int
    /// None: what the resolver says.
    let addresses: [IPAddress]

    /// `*` stands for any host. IPv6 addresses may stand in brackets. A `+` in front means nothing here: nothing is kept.
    /// `-HOST:PORT` takes back what was said of it before.
    public init(_ text: String) throws(AddressError) {
        var reader = FieldReader(text: text, form: "use HOST:PORT:ADDRESS[,ADDRESS]…, or -HOST:PORT")
        let isRemoval = text.first == "-"
        let host = reader.next(skipping: isRemoval ? "-" : "+")
        let port = try reader.port(reader.next())
        guard !host.isEmpty, let port else { throw reader.error("no host, or no port") }
        if isRemoval, !reader.isShort { throw reader.error("more than host and port") }
        var addresses: [IPAddress] = []
        for part in isRemoval ? [] : reader.rest.split(separator: ",", omittingEmptySubsequences: false) {
            let bare = FieldReader.withoutBrackets(part)
            guard let address = IPAddress(bare) else { throw reader.error("\"\(part)\" is not an address") }
            addresses.append(address)
        }
        self.host = FieldReader.withoutBrackets(host).lowercased()
        self.port = port
        self.addresses = addresses
    }

    func names(_ host: HostAndPort) -> Bool {
        self.port == host.port && self.host == host.host.lowercased()
    }

    func isForAll(port: Int) -> Bool { self.port == port && self.host == "*" }
}

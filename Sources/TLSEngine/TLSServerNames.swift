// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which certificate is for the name that a client asks for by SNI (RFC 6066 §3, RFC 6125 §6.4).
struct TLSServerNames: Equatable {
    /// A host name in lower case, or `*.` and what follows the first label, to the place of its certificate.
    private var places: [String: Int] = [:]

    /// - Parameter names: The DNS names of each certificate. Where several have one, the first counts.
    init(_ names: [[String]]) {
        for (place, names) in names.enumerated() {
            for name in names.map(Self.canonical) where self.places[name] == nil { self.places[name] = place }
        }
    }

    /// - Returns: The place of the certificate: one that names the host, or else one with a wildcard for its last labels.
    func place(of host: String) -> Int? {
        let host = Self.canonical(host)
        if let place = self.places[host], !host.hasPrefix("*") { return place }
        // A wildcard stands for one label, and that is not empty.
        guard let dot = host.firstIndex(of: "."), dot != host.startIndex else { return nil }
        return self.places["*" + host[dot...]]
    }

    private static func canonical(_ name: String) -> String {
        let name = name.lowercased()
        return name.hasSuffix(".") ? String(name.dropLast()) : name
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An Origin that browsers may come from: `https://app.example`, `http://localhost:3000`, `null`.
struct AllowedOrigin: Hashable, Sendable {
    /// As browsers send it: scheme and host in lower case.
    private let serialized: String

    init(_ text: String) throws(ValueError) {
        self.serialized = text.lowercased()
        if self.serialized == "null" { return }
        let form = "write SCHEME://HOST[:PORT], without a path"
        let parts = self.serialized.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false)
        guard parts.count == 2, !parts[0].isEmpty, parts[1].hasPrefix("//"),
            RequestHost.name(of: String(parts[1].dropFirst(2))) != nil
        else { throw ValueError("\(text) is no origin", form) }
    }

    /// - Parameter origin: The field of the request.
    func permits(_ origin: String) -> Bool { origin.lowercased() == self.serialized }
}

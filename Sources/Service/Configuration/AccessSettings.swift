// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// Who may come in; what is empty or `nil` asks for nothing.
struct AccessSettings: Sendable {
    /// File of users with the hashes of their passwords; one of its users or a token opens the route.
    var users: FileReference?
    /// File of bearer tokens.
    var tokens: FileReference?
    /// Names of certificates, of which the client's must have one; it must come from the listeners' authority for clients.
    var clientNames: [ClientName] = []
    /// What the Origin of a browser's request may be.
    var origins: [AllowedOrigin] = []
    /// Where requests may come from.
    var sources: [AllowedSource] = []
}

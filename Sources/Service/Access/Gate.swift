// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// Lets a request in to a route that asks for a password or a token.
struct Gate: Sendable {
    let users: Users?
    let tokens: Tokens?
    let passwords: PasswordCheck

    /// - Returns: Who it is; `nil` where nobody is asked.
    /// - Throws: HTTP 401; 503 when there are too many to be checked.
    func admit(_ request: IncomingRequest) async throws(RequestRefusal) -> String? {
        guard self.users != nil || self.tokens != nil else { return nil }
        switch Credentials(request.headers) {
        case .none:
            throw self.unauthorized("credentials are needed here", "no credentials")
        case .other:
            throw self.unauthorized(Self.wrong, "an Authorization field that can't be used")
        case .bearer(let token):
            guard let name = self.tokens?.name(of: token) else {
                throw self.unauthorized(Self.wrong, "no such token")
            }
            return name
        case .basic(let user, let password):
            guard let users else { throw self.unauthorized(Self.wrong, "a password where a token is wanted") }
            switch await self.passwords.check(password, of: user, in: users) {
            case .right: return user
            case .wrong: throw self.unauthorized(Self.wrong, "wrong user or password")
            case .busy:
                throw RequestRefusal(
                    503,
                    "too many passwords are being checked",
                    headers: ["Retry-After": "1"]
                )
            case .unavailable(let reason):
                throw RequestRefusal(503, "passwords can't be checked", detail: "passwords can't be checked: \(reason)")
            }
        }
    }

    private func unauthorized(_ reason: String, _ detail: String) -> RequestRefusal {
        var challenges: [String] = []
        if self.users != nil { challenges.append("Basic realm=\"strait\", charset=\"UTF-8\"") }
        if self.tokens != nil { challenges.append("Bearer realm=\"strait\"") }
        return RequestRefusal(
            401,
            reason,
            headers: ["WWW-Authenticate": challenges.joined(separator: ", ")],
            detail: detail
        )
    }

    private static let wrong = "these credentials do not open this path"
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A request that gets an HTTP answer instead of its WebSocket.
public struct RequestRefusal: Error, Equatable, Sendable, CustomStringConvertible {
    /// The HTTP status.
    public var status: Int
    /// Header fields of the answer, such as `Retry-After`.
    public var headers: [String: String]
    /// What the client is told, in one line.
    public var reason: String
    /// What only the log tells, such as the rule that is missing.
    public var detail: String?

    /// A refusal; by default the log says what the client is told.
    public init(_ status: Int, _ reason: String, headers: [String: String] = [:], detail: String? = nil) {
        self.status = status
        self.headers = headers
        self.reason = reason
        self.detail = detail
    }

    /// As a log line shows it.
    public var description: String { self.detail ?? self.reason }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Why a redirect is not followed.
public enum RedirectError: Error, Hashable, Sendable, CustomStringConvertible {
    /// There were more than `limit`; `location` is where the last one points.
    case tooMany(limit: Int, location: String)
    /// From wss to ws.
    case insecure(location: String)
    /// It is no address of a WebSocket.
    case unusable(location: String, reason: String)

    /// As a log line shows it: why, and what to do.
    public var description: String {
        switch self {
        case .tooMany(let limit, let location):
            "more than \(limit) redirects, the last to \(location.printable) (raise --max-redirs, or give the right address)"
        case .insecure(let location):
            "redirected to \(location.printable), where nothing is encrypted "
                + "(have it point to https, or allow this with --insecure)"
        case .unusable(let location, let reason):
            "redirected to \(location.printable): \(reason) (is this the address of a WebSocket?)"
        }
    }
}

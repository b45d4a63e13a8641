// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The target in a request's first line.
public enum RequestTarget {
    /// The path of `target` without its query. A target in absolute form, `http://host/path`, counts as its path (RFC 9112
    /// §3.2.2; RFC 6455 §4.2.1).
    public static func path(of target: String) -> Substring {
        let withoutQuery = target.prefix { $0 != "?" }
        guard !withoutQuery.hasPrefix("/"), let scheme = withoutQuery.firstIndex(of: ":"),
            withoutQuery[scheme...].hasPrefix("://")
        else { return withoutQuery }
        let authority = withoutQuery[scheme...].dropFirst(3)
        guard let path = authority.firstIndex(of: "/") else { return "/" }
        return authority[path...]
    }
}

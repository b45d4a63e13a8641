// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// One route: which requests it takes, where it leads, who may use it and how much.
public struct Route: Sendable {
    let pattern: RoutePattern
    let target: RouteTarget
    /// What holds for links of this route.
    public let settings: RouteSettings

    /// How logs and metrics call it: its pattern as it was written.
    public var name: String { self.pattern.description }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What a log line looks like.
public enum LogFormat: String, Sendable, CaseIterable {
    /// The message, then `name=value` for each field.
    case text
    /// A JSON object, with time and level.
    case json
}

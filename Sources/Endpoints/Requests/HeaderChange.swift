// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// What the user wants of a request's header.
public enum HeaderChange: Hashable, Sendable {
    /// These fields, in place of ours of the same name.
    case set(name: String, value: String)
    /// No field of this name.
    case remove(name: String)

    var name: String {
        switch self {
        case .set(let name, _), .remove(let name): name
        }
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import TLSEngine

extension TLSVersion: ExpressibleByArgument {
    /// As curl takes it; older ones are not spoken.
    public init?(argument: String) {
        switch argument {
        case "1.2": self = .tls12
        case "1.3": self = .tls13
        default: return nil
        }
    }

    /// For the error that names them.
    public static var allValueStrings: [String] { ["1.2", "1.3"] }
}

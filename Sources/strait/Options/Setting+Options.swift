// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Service

extension [(String, [String])] {
    /// Those that were given.
    var settings: [Setting] {
        self.filter { !$0.1.isEmpty }.map { Setting.option($0.0, $0.1) }
    }
}

extension [(String, String?)] {
    /// Those that were given.
    var settings: [Setting] {
        self.compactMap { name, value in value.map { Setting.option(name, [$0]) } }
    }
}

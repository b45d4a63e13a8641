// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

extension String {
    /// `contains(String)` would bring the library of regular expressions, 1.4 MB, into the binary.
    func holds(_ other: String) -> Bool {
        let bytes = Array(self.utf8)
        let wanted = Array(other.utf8)
        return bytes.indices.contains { bytes[$0...].starts(with: wanted) }
    }
}

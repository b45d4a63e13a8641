// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// An address that can't be parsed: the part that is wrong, and what is allowed there.
public struct AddressError: Error, Hashable, Sendable, CustomStringConvertible {
    /// The address as given, without credentials.
    public var address: String
    /// The part that is wrong.
    public var problem: String
    /// What is allowed in its place.
    public var expected: String

    /// One line, whatever characters the address has.
    public var description: String { "\(self.address): \(self.problem) (\(self.expected))".printable }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A number that only grows. Adding takes no lock.
public final class Counter: Sendable {
    private let count = Atomic<UInt64>(0)

    /// Zero.
    public init() {}

    /// By one, or by more.
    public func add(_ amount: UInt64 = 1) { self.count.wrappingAdd(amount, ordering: .relaxed) }

    /// What it has come to.
    public var value: UInt64 { self.count.load(ordering: .relaxed) }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Is told what happens: a log, metrics. Called on any thread; it does not block.
public protocol ServiceObserver: Sendable {
    func observe(_ event: ServiceEvent)
}

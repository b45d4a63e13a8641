// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// Which way bytes go, seen from here.
enum Direction: Sendable {
    case sent
    case received
}

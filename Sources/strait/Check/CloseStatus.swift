// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// The close codes that a check tells apart (RFC 6455 §7.4.1).
enum CloseStatus {
    static let normal: UInt16 = 1000
    static let messageTooBig: UInt16 = 1009
}

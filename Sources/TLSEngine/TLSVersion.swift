// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// A version of TLS that may be asked for. Older ones are never spoken.
public enum TLSVersion: Sendable, Comparable {
    case tls12
    case tls13

    /// TLS1_2_VERSION, TLS1_3_VERSION.
    var number: Int32 {
        switch self {
        case .tls12: TLS1_2_VERSION
        case .tls13: TLS1_3_VERSION
        }
    }
}

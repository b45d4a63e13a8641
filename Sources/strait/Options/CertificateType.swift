// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import TLSEngine

/// How the file of `--cert` is written down, in curl's words.
enum CertificateType: String, CaseIterable, ExpressibleByArgument {
    case pem = "PEM"
    case der = "DER"
    case p12 = "P12"

    init?(argument: String) {
        self.init(rawValue: argument.uppercased())
    }

    var format: TLSIdentity.Format {
        switch self {
        case .pem: .pem
        case .der: .der
        case .p12: .pkcs12
        }
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation

@testable import TLSEngine

/// A certificate that signs itself. Contexts have read it when they are made, so its files can go then.
struct ThrowawayCertificate: ~Copyable {
    static let name = "server.test"
    private let directory: String

    private var certificate: String { "\(self.directory)/certificate.pem" }
    private var key: String { "\(self.directory)/key.pem" }

    init() throws {
        self.directory = "\(NSTemporaryDirectory())strait-fuzz-\(UUID())"
        try FileManager.default.createDirectory(atPath: self.directory, withIntermediateDirectories: true)
        let openssl = Process()
        openssl.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        openssl.arguments = [
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
            "-subj", "/CN=\(Self.name)", "-addext", "subjectAltName=DNS:\(Self.name)", "-keyout", self.key,
            "-out", self.certificate,
        ]
        openssl.standardError = FileHandle.nullDevice
        try openssl.run()
        openssl.waitUntilExit()
    }

    deinit {
        try? FileManager.default.removeItem(atPath: self.directory)
    }

    func server(maxVersion: Int32 = TLS1_3_VERSION) throws -> TLSContext {
        let context = try TLSContext(
            server: TLSServerConfiguration(identity: TLSIdentity(certificateFile: self.certificate, keyFile: self.key))
        )
        _ = COpenSSL_SSL_CTX_set_max_proto_version(context.pointer, maxVersion)
        return context
    }

    func client() throws -> TLSContext {
        try TLSContext(client: TLSClientConfiguration(caFile: self.certificate))
    }
}

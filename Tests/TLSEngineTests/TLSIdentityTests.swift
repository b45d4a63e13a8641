// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation
import Testing

@testable import TLSEngine

@Suite("Certificate and key from files")
struct TLSIdentityTests {
    private typealias Files = (certificate: String, key: String?, format: TLSIdentity.Format?, passPhrase: String?)

    private static let readable: [Files] = [
        ("client.pem", "client.key", nil, nil), ("client.pem", "client.key", .pem, nil),
        ("client.pem", "client-encrypted.key", nil, "secret"), ("client.pem", "client-key.der", nil, nil),
        ("client.pem", "client-key.der", nil, "not needed"), ("client.pem", "client-encrypted.der", nil, "secret"),
        ("client.der", "client.key", nil, nil), ("client.der", "client.key", .der, nil),
        ("client.p12", nil, nil, "secret"), ("client.p12", nil, .pkcs12, "secret"), ("open.p12", nil, nil, nil),
        ("open.p12", nil, nil, ""), ("client.p12", "client.key", nil, "secret"),
        ("keyless.p12", "client.key", nil, "secret"),
    ]

    @Test(arguments: Self.readable.indices)
    func isShownToTheServer(index: Int) throws {
        let pair = try EnginePair(client: Self.client(Self.readable[index]), server: Self.askingServer())
        try pair.connect()
        #expect(pair.server.completed?.peerCertificate?.subject == "CN=client.test")
    }

    private static let unreadable: [(files: Files, reason: String, advice: String)] = [
        (("client.pem", "client-encrypted.key", nil, nil), "the key is encrypted", "--pass-file"),
        (("client.pem", "client-encrypted.key", nil, "wrong"), "wrong pass phrase", "--pass"),
        (("client.pem", "client-encrypted.key", nil, ""), "wrong pass phrase", "--pass"),
        (("client.p12", nil, nil, nil), "the file is encrypted", "--pass-file"),
        (("client.p12", nil, nil, "wrong"), "wrong pass phrase", "--pass"),
        (("keyless.p12", nil, nil, "secret"), "no certificate with its key in it", "openssl pkcs12"),
        (("client.pem", "client.key", .pkcs12, nil), "not PKCS#12", "--cert-type"),
        (("client.pem", "client.key", .der, nil), "neither a certificate in DER nor PKCS#12", "--cert-type"),
        (("client.p12", nil, .pem, "secret"), "not PEM: no line -----BEGIN CERTIFICATE----- in it", "--cert"),
        (("client.pem", nil, nil, nil), "not PEM: no line -----BEGIN PRIVATE KEY----- in it", "--key"),
        (("gone.p12", nil, nil, nil), "No such file or directory", "path"),
        ((".", nil, nil, nil), "Is a directory", "path"),
    ]

    @Test(arguments: Self.unreadable.indices)
    func isRefusedWithWhatToDo(index: Int) {
        let (files, reason, advice) = Self.unreadable[index]
        let error = #expect(throws: TLSError.self) { _ = try Self.client(files) }
        guard case .configuration(let file?, reason, let given)? = error else {
            Issue.record("\(error as Any)")
            return
        }
        #expect(file.hasPrefix(TestCertificates.shared.directory))
        #expect(given.contains(advice))
        #expect(error?.description.contains("secret") == false)
    }

    /// As `--cert <(…)` gives it: what was read once can't be read again.
    @Test
    func maybeAPipeWithBothInIt() throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: TestCertificates.shared.path("both.pem")))
        let pipe = Pipe()
        try pipe.fileHandleForWriting.write(contentsOf: data)
        try pipe.fileHandleForWriting.close()
        let path = "/dev/fd/\(pipe.fileHandleForReading.fileDescriptor)"
        _ = try TLSContext(client: TLSClientConfiguration(identity: TLSIdentity(certificateFile: path)))
    }

    @Test
    func aChainGoesAlong() throws {
        let path = TestCertificates.shared.path("chain-\(UInt32.random(in: .min ... .max)).pem")
        let chain = try ["client.pem", "ca.pem", "client.key"].map { name in
            try String(contentsOfFile: TestCertificates.shared.path(name), encoding: .utf8)
        }
        try chain.joined().write(toFile: path, atomically: true, encoding: .utf8)
        let configuration = TLSClientConfiguration(
            caFile: TestCertificates.shared.path("ca.pem"),
            identity: TLSIdentity(certificateFile: path)
        )
        let pair = try EnginePair(client: TLSContext(client: configuration), server: Self.askingServer())
        try pair.connect()
        let shown = SSL_get_peer_cert_chain(pair.server.engine.ssl)
        // A server's own copy of its client's chain is without the client's certificate.
        #expect(OPENSSL_sk_num(shown) == 1)
    }

    private static func client(_ files: Files) throws -> TLSContext {
        let identity = TLSIdentity(
            certificateFile: TestCertificates.shared.path(files.certificate),
            keyFile: files.key.map(TestCertificates.shared.path),
            format: files.format,
            passPhrase: files.passPhrase
        )
        let caFile = TestCertificates.shared.path("ca.pem")
        return try TLSContext(client: TLSClientConfiguration(caFile: caFile, identity: identity))
    }

    private static func askingServer() throws -> TLSContext {
        try TestCertificates.shared.server(asksForCertificate: "ca")
    }
}

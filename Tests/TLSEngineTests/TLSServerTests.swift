// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation
import NIOCore
import Testing

@testable import TLSEngine

@Suite("Servers with several certificates")
struct TLSServerTests {
    private let certificates = TestCertificates.shared

    private func identity(_ name: String) -> TLSIdentity {
        TLSIdentity(certificateFile: certificates.path("\(name).pem"), keyFile: certificates.path("\(name).key"))
    }

    private func configuration(ocsp: [String] = [], authority: String? = nil) -> TLSServerConfiguration {
        TLSServerConfiguration(
            identity: identity("good"),
            otherIdentities: [identity("named"), identity("many")],
            ocspResponseFiles: ocsp.map { certificates.path("\($0).ocsp") },
            clientAuthorityFile: authority
        )
    }

    /// Both sides' engines after the handshake.
    private func handshake(
        _ server: TLSContext,
        name: String?,
        showing identity: TLSIdentity? = nil,
        protocols: [String] = ["http/1.1"],
        asksForStatus: Bool = false
    ) throws -> EnginePair {
        let client = try TLSContext(
            client: TLSClientConfiguration(
                verifiesPeer: false,
                identity: identity,
                applicationProtocols: protocols
            )
        )
        let pair = try EnginePair(client: client, server: server, name: name)
        if asksForStatus {
            let ssl = pair.client.engine.ssl
            SSL_ctrl(ssl, SSL_CTRL_SET_TLSEXT_STATUS_REQ_TYPE, Int(TLSEXT_STATUSTYPE_ocsp), nil)
        }
        pair.client.completed = try pair.client.engine.handshake()
        try pair.carry()
        return pair
    }

    // MARK: Names

    @Test(
        arguments: [
            ("server.test", "CN=server.test"), ("named.test", "CN=named.test"), ("a.named.test", "CN=named.test"),
            ("NAMED.test", "CN=named.test"), ("a.b.named.test", "CN=server.test"), ("z.test", "CN=many.test"),
            ("unknown.test", "CN=server.test"), ("192.0.2.1", "CN=server.test"), (nil, "CN=server.test"),
        ] as [(String?, String)]
    )
    func aClientGetsTheCertificateOfTheNameItAsksFor(name: String?, subject: String) throws {
        let pair = try handshake(try TLSContext(server: configuration()), name: name)
        #expect(pair.client.completed?.peerCertificate?.subject == subject)
        #expect(pair.server.completed != nil)
        #expect(pair.client.completed?.applicationProtocol == "http/1.1")
    }

    @Test
    func eachCertificateMayHoldItsKeyAndHasToFitIt() throws {
        var configuration = configuration()
        configuration.otherIdentities = [TLSIdentity(certificateFile: certificates.path("both.pem"))]
        #expect(throws: Never.self) { try TLSContext(server: configuration) }
        configuration.otherIdentities = [
            TLSIdentity(certificateFile: certificates.path("named.pem"), keyFile: certificates.path("good.key"))
        ]
        #expect(throws: TLSError.self) { try TLSContext(server: configuration) }
    }

    // MARK: Clients' certificates

    @Test(arguments: ["server.test", "named.test"])
    func clientsAreAskedWhicheverCertificateTheyGet(name: String) throws {
        let server = try TLSContext(server: configuration(authority: certificates.path("ca.pem")))
        let pair = try handshake(server, name: name, showing: identity("named"))
        #expect(
            pair.server.completed?.peerNames == [
                "DNS:named.test", "DNS:*.named.test", "email:a@named.test", "URI:spiffe://named.test/x",
            ]
        )
        #expect(try handshake(server, name: name).server.completed?.peerNames == [])
        #expect(throws: TLSError.self) { try handshake(server, name: name, showing: identity("self")) }
    }

    // MARK: OCSP

    /// The response that the client was sent.
    private func staple(_ pair: EnginePair) -> [UInt8]? {
        var start: UnsafeMutablePointer<UInt8>?
        let count = SSL_ctrl(pair.client.engine.ssl, SSL_CTRL_GET_TLSEXT_STATUS_REQ_OCSP_RESP, 0, &start)
        return count > 0 ? start.map { Array(UnsafeBufferPointer(start: $0, count: count)) } : nil
    }

    @Test
    func theResponseOfTheCertificateIsSentToThoseWhoAsk() throws {
        let server = try TLSContext(server: configuration(ocsp: ["named", "good"]))
        for (name, file) in [("server.test", "good"), ("named.test", "named"), ("z.test", nil)]
            as [(String, String?)]
        {
            let pair = try handshake(server, name: name, asksForStatus: true)
            let expected = try file.map {
                Array(try Data(contentsOf: URL(fileURLWithPath: certificates.path("\($0).ocsp"))))
            }
            #expect(self.staple(pair) == expected)
            #expect(self.staple(try handshake(server, name: name)) == nil)
        }
    }

    @Test(arguments: [("revoked", "revoked"), ("text.pem", "not an OCSP response"), ("gone", "No such file")])
    func aResponseThatWouldHaveClientsRefuseUsIsRefused(name: String, reason: String) {
        var configuration = configuration()
        configuration.ocspResponseFiles = [certificates.path(name.contains(".") ? name : "\(name).ocsp")]
        let error = #expect(throws: TLSError.self) { try TLSContext(server: configuration) }
        #expect("\(error as Any)".contains(reason), "\(error as Any)")
    }

    @Test
    func aResponseAboutAnotherCertificateIsRefused() {
        let configuration = TLSServerConfiguration(
            identity: identity("many"),
            ocspResponseFiles: [certificates.path("good.ocsp")]
        )
        let error = #expect(throws: TLSError.self) { try TLSContext(server: configuration) }
        #expect("\(error as Any)".contains("about none of the certificates"))
    }

    // MARK: Renewal

    @Test
    func newFilesAreTakenForNewConnections() throws {
        let directory = certificates.path("renewed-\(UUID())")
        try FileManager.default.createDirectory(atPath: directory, withIntermediateDirectories: true)
        func put(_ name: String, _ part: String) throws {
            // As certbot does: another file under the same name.
            let new = "\(directory)/new"
            try FileManager.default.copyItem(atPath: certificates.path("\(name).\(part)"), toPath: new)
            rename(new, "\(directory)/site.\(part)")
        }
        try put("good", "pem")
        try put("good", "key")
        let identity = TLSIdentity(certificateFile: "\(directory)/site.pem", keyFile: "\(directory)/site.key")
        let server = try TLSServer(TLSServerConfiguration(identity: identity))
        #expect(server.look() == .unchanged)
        let before = try handshake(server.context, name: nil)
        #expect(before.client.completed?.peerCertificate?.subject == "CN=server.test")

        try put("named", "pem")
        guard case .refused(let error) = server.look() else {
            Issue.record("a certificate without its key was taken")
            return
        }
        #expect("\(error)".contains("does not belong to the certificate"))
        #expect(server.look() == .unchanged)
        #expect(try handshake(server.context, name: nil).client.completed?.peerCertificate?.subject == "CN=server.test")

        try put("named", "key")
        #expect(server.look() == .loaded)
        #expect(server.look() == .unchanged)
        #expect(try handshake(server.context, name: nil).client.completed?.peerCertificate?.subject == "CN=named.test")

        // What is there already goes on.
        try before.client.engine.write(ByteBuffer(string: "old"))
        try before.carry()
        #expect(String(buffer: before.server.plaintext) == "old")
    }
}

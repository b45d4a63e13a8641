// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

@testable import TLSEngine

@Suite("Set-up of a context")
struct TLSContextTests {
    let certificates = TestCertificates.shared

    @Test
    func namesAMissingFile() {
        #expect(self.server("gone.pem", "good.key") == "No such file or directory")
        #expect(self.server("good.pem", "gone.key") == "No such file or directory")
        #expect(self.client(ca: "gone.pem") == "No such file or directory")
    }

    @Test(.enabled(if: geteuid() != 0, "root may read anything"))
    func namesAFileThatMayNotBeRead() throws {
        let path = self.certificates.path("secret.key")
        try Data().write(to: URL(fileURLWithPath: path))
        chmod(path, 0)
        #expect(self.server("good.pem", "secret.key") == "Permission denied")
    }

    @Test(arguments: ["text.pem", "empty.pem"])
    func namesAFileThatIsNotPEM(file: String) {
        #expect(self.server(file, "good.key") == "not PEM: no line -----BEGIN CERTIFICATE----- in it")
        #expect(self.server("good.pem", file) == "not PEM: no line -----BEGIN PRIVATE KEY----- in it")
        #expect(self.client(ca: file) == "not PEM: no line -----BEGIN CERTIFICATE----- in it")
    }

    @Test(arguments: ["self.key", "rsa.key"])
    func namesAKeyOfAnotherCertificate(file: String) {
        let reason = self.server("good.pem", file)
        #expect(
            reason?.hasPrefix("the key does not belong to the certificate in \(self.certificates.path("good.pem"))")
                == true
        )
    }

    @Test
    func namesAnEncryptedKey() {
        #expect(self.server("good.pem", "encrypted.key")?.hasPrefix("the key is encrypted") == true)
    }

    @Test
    func takesCertificateAndKeyFromOneFile() throws {
        let file = self.certificates.path("both.pem")
        _ = try TLSContext(client: TLSClientConfiguration(identity: TLSIdentity(certificateFile: file)))
        #expect(self.server("both.pem", "both.pem") == nil)
    }

    @Test(arguments: ["", String(repeating: "x", count: 256)])
    func refusesProtocolNamesThatCannotBeSent(name: String) {
        #expect(throws: TLSError.self) {
            _ = try TLSContext(client: TLSClientConfiguration(applicationProtocols: [name]))
        }
    }

    @Test
    func usesTheSystemsStoreByDefault() throws {
        _ = try TLSContext(client: TLSClientConfiguration())
    }

    /// As update-ca-certificates makes it, without the hashed links, and with a bundle from elsewhere.
    @Test
    func readsTheBundleOnlyWhereTheDirectoryIsNotTheSame() throws {
        let manager = FileManager.default
        let directory = self.certificates.path("trust-\(UInt32.random(in: .min ... .max))")
        try manager.createDirectory(atPath: directory, withIntermediateDirectories: true)
        let bundle = "\(directory)/ca-certificates.crt"
        try manager.copyItem(atPath: self.certificates.path("ca.pem"), toPath: bundle)
        #expect(!SystemTrust.directoryHoldsAll(file: bundle, directory: directory))
        try manager.createSymbolicLink(atPath: "\(directory)/0a1b2c3d.0", withDestinationPath: bundle)
        #expect(SystemTrust.directoryHoldsAll(file: bundle, directory: directory))
        #expect(SystemTrust.directoryHoldsAll(file: bundle, directory: "\(directory)/."))
        #expect(!SystemTrust.directoryHoldsAll(file: self.certificates.path("ca.pem"), directory: directory))
        #expect(SystemTrust.directoryHoldsAll(file: "\(directory)/gone", directory: directory))
    }

    private func server(_ certificate: String, _ key: String) -> String? {
        let configuration = TLSServerConfiguration(
            identity: TLSIdentity(
                certificateFile: self.certificates.path(certificate),
                keyFile: self.certificates.path(key)
            )
        )
        return self.reason { _ = try TLSContext(server: configuration) }
    }

    private func client(ca: String) -> String? {
        self.reason { _ = try TLSContext(client: TLSClientConfiguration(caFile: self.certificates.path(ca))) }
    }

    private func reason(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch let error as TLSError {
            guard case .configuration(_?, let reason, _) = error else { return "\(error)" }
            return reason
        } catch {
            return "\(error)"
        }
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints
import TLSEngine

extension ServiceConfiguration {
    /// Reads all files that it names: users, tokens, certificates, keys, OCSP responses, authorities.
    ///
    /// - Throws: For the first one that can't be used.
    public func checkFiles() throws(ConfigurationError) {
        _ = try ServiceSnapshot.gates(self, PasswordCheck())
        if let server = TLSServerConfiguration(self.linkOptions) {
            do throws(TLSError) {
                _ = try TLSContext(server: server)
            } catch {
                throw self.failure(error)
            }
        }
        try self.checkAuthorities()
    }

    /// Reads the authorities of `wss://` targets, which nobody else reads before the first link.
    ///
    /// - Throws: If they can't be used.
    func checkAuthorities() throws(ConfigurationError) {
        guard self.linkOptions.tls.authorityFile != nil else { return }
        do throws(TLSError) {
            _ = try TLSContext(client: TLSClientConfiguration(self.dialOptions.tls))
        } catch {
            throw self.failure(error)
        }
    }

    /// With the place where the file is named.
    private func failure(_ error: TLSError) -> ConfigurationError {
        guard case .configuration(let file?, let reason, let advice) = error else {
            return ConfigurationError(place: .commandLine, key: nil, problem: "\(error)", expected: "check the files")
        }
        let reference = self.certificates.references.last { $0.path == file }
        return ConfigurationError(
            place: reference?.place ?? .commandLine,
            key: reference?.key,
            problem: "\(file): \(reason)",
            expected: advice
        )
    }
}

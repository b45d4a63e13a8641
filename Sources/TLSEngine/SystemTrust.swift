// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Glibc

/// The certificates that the system trusts.
enum SystemTrust {
    /// Has `context`, an `SSL_CTX *`, trust them.
    ///
    /// OpenSSL reads its default file whole, which takes 50 to 85 ms for the 140 certificates of Debian, and its
    /// default directory one certificate at a time when a chain needs it. On Debian and Ubuntu update-ca-certificates(8)
    /// fills both with the same, so there the directory does. Elsewhere, and when the environment names a file, both
    /// are used: SSL_CTX_set_default_verify_paths(3).
    ///
    /// - Returns: Whether OpenSSL could set it up. A store that is not there is an empty one.
    static func load(into context: OpaquePointer) -> Bool {
        if getenv(X509_get_default_cert_file_env()) == nil,
            getenv(X509_get_default_cert_dir_env()) == nil,
            Self.directoryHoldsAll(
                file: String(cString: X509_get_default_cert_file()),
                directory: String(cString: X509_get_default_cert_dir())
            )
        {
            return SSL_CTX_set_default_verify_dir(context) == 1
        }
        return SSL_CTX_set_default_verify_paths(context) == 1
    }

    /// Whether `directory` is one that update-ca-certificates(8) made, and `file` its bundle.
    static func directoryHoldsAll(file: String, directory: String) -> Bool {
        guard let file = Self.resolved(file) else { return true }
        guard let directory = Self.resolved(directory), file == "\(directory)/ca-certificates.crt" else { return false }
        return Self.isHashed(directory) ?? false
    }

    /// - Throws: `.configuration` when OpenSSL could find no certificate in `directory`, which it does not say itself.
    static func requireHashed(_ directory: String) throws(TLSError) {
        guard let isHashed = Self.isHashed(directory) else {
            let reason = String(cString: strerror(errno))
            throw .configuration(file: directory, reason: reason, advice: "check --capath, and that it may be read")
        }
        guard isHashed else {
            throw .configuration(
                file: directory,
                reason: "no hashed certificates in it",
                advice: "run openssl rehash on it, or give one file with --cacert"
            )
        }
    }

    /// Whether `directory` has links to certificates by their hashes; `nil` when it can't be read.
    private static func isHashed(_ directory: String) -> Bool? {
        guard let stream = opendir(directory) else { return nil }
        defer { closedir(stream) }
        while let entry = readdir(stream) {
            // openssl-rehash(1): eight hexadecimal digits, a dot, a number.
            let isHashed = withUnsafeBytes(of: &entry.pointee.d_name) { name in
                name[8] == UInt8(ascii: ".") && name[9] == UInt8(ascii: "0") && name[10] == 0
                    && name.prefix(8).allSatisfy {
                        UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 || UInt8(ascii: "a")...UInt8(ascii: "f") ~= $0
                    }
            }
            if isHashed { return true }
        }
        return false
    }

    private static func resolved(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }
}

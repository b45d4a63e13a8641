// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc
import TLSEngine

/// Whom TLS trusts, and who we are.
struct TLSOptions: ParsableArguments {
    @Flag(name: [.customShort("k"), .long], help: "Do not verify the server's certificate.")
    var insecure = false

    @Option(
        help: ArgumentHelp("Authorities to trust instead of the system's, PEM.", valueName: "file"),
        completion: .file()
    )
    var cacert: String?

    @Option(
        help: ArgumentHelp("The same as a directory of openssl-rehash(1).", valueName: "dir"),
        completion: .directory
    )
    var capath: String?

    @Option(
        name: [.customShort("E"), .long],
        help: ArgumentHelp(
            "Our certificate and chain; wss-listen needs it. Also FILE:PASSPHRASE.",
            valueName: "file"
        ),
        completion: .file()
    )
    var cert: CertificateArgument?

    @Option(help: ArgumentHelp("PEM, DER or P12 (PKCS#12). Default: as the file of --cert looks.", valueName: "type"))
    var certType: CertificateType?

    @Option(
        help: ArgumentHelp("Key of --cert, PEM or DER. Default: in the same file.", valueName: "file"),
        completion: .file()
    )
    var key: String?

    @Option(help: ArgumentHelp("What opens an encrypted key or PKCS#12. See --pass-file.", valueName: "phrase"))
    var pass: String?

    @Option(
        help: ArgumentHelp("Its first line is the pass phrase. Also: STRAIT_PASS.", valueName: "file"),
        completion: .file()
    )
    var passFile: String?

    @Option(
        help: ArgumentHelp(
            "The server must have this key, also with -k: sha256//BASE64[;…] or a file, PEM or DER.",
            valueName: "pins"
        ),
        completion: .file()
    )
    var pinnedpubkey: String?

    @Option(help: ArgumentHelp("Ask for and expect this name, whatever Host says.", valueName: "name"))
    var sni: String?

    // Hidden, since fish can't complete words of a command that has an option with a dot: the script would not end.
    @Flag(name: .customLong("tlsv1.2"), help: .hidden)
    var atLeast12 = false

    @Flag(name: .customLong("tlsv1.3"), help: .hidden)
    var atLeast13 = false

    @Option(help: ArgumentHelp("No later than 1.2 or 1.3; --tlsv1.3: no earlier.", valueName: "version"))
    var tlsMax: TLSVersion?

    @Option(help: ArgumentHelp("Ciphers of TLS 1.2, see openssl-ciphers(1).", valueName: "list"))
    var ciphers: String?

    @Option(
        name: .customLong("tls13-ciphers"),
        help: ArgumentHelp("Cipher suites of TLS 1.3, separated by colons.", valueName: "list")
    )
    var cipherSuites: String?

    func validate() throws {
        if self.cert == nil {
            let needing = [
                ("--key", self.key != nil), ("--cert-type", self.certType != nil), ("--pass", self.pass != nil),
                ("--pass-file", self.passFile != nil),
            ]
            if let first = needing.first(where: \.1) { throw ValidationError("\(first.0) needs --cert") }
        }
        if self.pass != nil, self.passFile != nil { throw ValidationError("--pass and --pass-file exclude each other") }
        if self.atLeast13, self.tlsMax == .tls12 {
            throw ValidationError("--tlsv1.3 and --tls-max 1.2 exclude each other")
        }
        if let sni, sni.isEmpty { throw ValidationError("--sni is empty; give a host name") }
    }

    func apply(to options: inout LinkOptions) throws {
        options.tls.isInsecure = self.insecure
        options.tls.authorityFile = self.cacert
        options.tls.authorityDirectory = self.capath
        options.tls.serverName = self.sni
        options.tls.certificateFile = self.cert?.file
        options.tls.certificateFormat = self.certType?.format
        options.tls.keyFile = self.key
        options.tls.passPhrase = try self.passPhrase()
        options.tls.parameters = TLSParameters(
            minimumVersion: self.atLeast13 ? .tls13 : .tls12,
            maximumVersion: self.tlsMax,
            ciphers: self.ciphers,
            cipherSuites: self.cipherSuites,
            keyLogFile: Environment["SSLKEYLOGFILE"]
        )
        do throws(TLSError) {
            options.tls.pins = try self.pinnedpubkey.map { pins throws(TLSError) in try TLSPublicKeyPins(pins) }
        } catch {
            guard case .configuration(let file, let reason, let advice) = error else { throw error }
            let what = (["--pinnedpubkey"] + [file].compactMap(\.self)).joined(separator: " ")
            throw UsageError(what: what, reason: reason, advice: advice)
        }
    }

    private func passPhrase() throws(UsageError) -> String? {
        guard let cert else { return nil }
        if let passFile { return try OptionFile(option: "--pass-file", path: passFile).secret() }
        return self.pass ?? cert.passPhrase ?? Environment["STRAIT_PASS"]
    }
}

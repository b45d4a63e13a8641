// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL
import Foundation
import Synchronization
import Testing

@testable import TLSEngine

/// Certificates made by the `openssl` command for one run of the tests, in a directory of their own.
struct TestCertificates: Sendable {
    let directory: String

    static let shared = TestCertificates()

    /// A path in the directory.
    func path(_ name: String) -> String { "\(self.directory)/\(name)" }

    private init() {
        self.directory = NSTemporaryDirectory() + "strait-tls-\(ProcessInfo.processInfo.processIdentifier)"
        let script = """
            set -e
            rm -rf "$0"; mkdir -p "$0"; cd "$0"
            key() { openssl genpkey -algorithm EC -pkeyopt ec_paramgen_curve:P-256 -out "$1.key"; }
            ca() {
                key "$1"
                openssl req -x509 -new -key "$1.key" -subj "/O=Strait tests/CN=$1" -days 30 -out "$1.pem" \
                    -addext "keyUsage=critical,keyCertSign,cRLSign"
            }
            leaf() { # name, subject, SAN, signing CA
                [ -e "$1.key" ] || key "$1"
                openssl req -new -key "$1.key" -subj "$2" -out "$1.csr"
                printf 'subjectAltName=%s\\nextendedKeyUsage=serverAuth,clientAuth\\n' "$3" > "$1.ext"
                openssl x509 -req -in "$1.csr" -CA "$4.pem" -CAkey "$4.key" -set_serial 0x$(openssl rand -hex 8) \
                    -extfile "$1.ext" -days "${5:-10}" -out "$1.pem"
            }
            ca ca; ca other-ca
            leaf good /CN=server.test "DNS:server.test,DNS:*.wild.test,IP:127.0.0.1,IP:::1" ca
            leaf many /CN=many.test "$(for i in 1 2 3 4 5 6 7 8 9 10 11; do printf 'DNS:h%d.test,' $i; done)DNS:z.test" ca
            leaf client /CN=client.test DNS:client.test ca
            leaf named /CN=named.test "DNS:named.test,DNS:*.named.test,email:a@named.test,URI:spiffe://named.test/x,IP:192.0.2.1" ca
            status() { # name, certificate, line of the index
                serial=$(openssl x509 -in "$2.pem" -noout -serial | cut -d= -f2)
                printf "$3" "$serial" > "$1.index"
                openssl ocsp -issuer ca.pem -cert "$2.pem" -reqout "$1.request"
                openssl ocsp -index "$1.index" -CA ca.pem -rsigner ca.pem -rkey ca.key -reqin "$1.request" \
                    -respout "$1.ocsp" -ndays 2
            }
            status good good 'V\\t400101000000Z\\t\\t%s\\tunknown\\t/CN=server.test\\n'
            status named named 'V\\t400101000000Z\\t\\t%s\\tunknown\\t/CN=named.test\\n'
            status revoked good 'R\\t400101000000Z\\t250101000000Z\\t%s\\tunknown\\t/CN=server.test\\n'
            : > index.txt; echo 01 > serial
            printf '[ca]\\ndefault_ca=d\\n[d]\\ndatabase=index.txt\\nserial=serial\\nnew_certs_dir=.\\npolicy=p\\n' > ca.cnf
            printf 'default_md=sha256\\nunique_subject=no\\n[p]\\ncommonName=supplied\\n' >> ca.cnf
            for w in "expired 20200101000000Z 20200201000000Z" "future 20900101000000Z 20910101000000Z"; do
                set -- $w; key $1
                openssl req -new -key $1.key -subj /CN=server.test -out $1.csr
                printf 'subjectAltName=DNS:server.test\\n' > $1.ext
                openssl ca -batch -notext -config ca.cnf -cert ca.pem -keyfile ca.key -in $1.csr -out $1.pem \
                    -startdate $2 -enddate $3 -extfile $1.ext
            done
            key self
            openssl req -x509 -new -key self.key -subj /CN=server.test -addext subjectAltName=DNS:server.test -days 10 \
                -out self.pem
            openssl genpkey -algorithm RSA -pkeyopt rsa_keygen_bits:2048 -out rsa.key
            openssl pkey -in good.key -aes128 -passout pass:secret -out encrypted.key
            openssl pkey -in client.key -outform DER -out client-key.der
            openssl pkcs8 -topk8 -in client.key -outform DER -passout pass:secret -out client-encrypted.der
            openssl pkey -in client.key -aes128 -passout pass:secret -out client-encrypted.key
            openssl x509 -in client.pem -outform DER -out client.der
            openssl pkcs12 -export -in client.pem -inkey client.key -certfile ca.pem -passout pass:secret \
                -out client.p12
            openssl pkcs12 -export -in client.pem -inkey client.key -passout pass: -out open.p12
            openssl pkcs12 -export -in client.pem -nokeys -passout pass:secret -out keyless.p12
            openssl x509 -in good.pem -noout -pubkey > good.pub
            openssl pkey -pubin -in good.pub -outform DER -out good-pub.der
            openssl dgst -sha256 -binary good-pub.der | openssl base64 > good.pin
            mkdir hashed; cp ca.pem hashed; openssl rehash hashed; mkdir unhashed; cp ca.pem unhashed
            cat good.pem good.key > both.pem
            echo "no certificate here" > text.pem
            : > empty.pem
            """
        let process = Process()
        process.executableURL = URL(fileURLWithPath: "/bin/bash")
        process.arguments = ["-c", script, self.directory]
        process.standardOutput = FileHandle.nullDevice
        let errors = Pipe()
        process.standardError = errors
        do {
            try process.run()
            let text = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
            process.waitUntilExit()
            if process.terminationStatus != 0 {
                Issue.record("openssl could not make the test certificates: \(text)")
            }
        } catch {
            Issue.record("bash could not be run: \(error)")
        }
        let directory = self.directory
        Self.removeAtExit(directory)
    }

    private static func removeAtExit(_ directory: String) {
        // The process has one directory, so one C string that stays is no leak.
        Self.directoryToRemove.withLock { $0 = directory }
        atexit {
            TestCertificates.directoryToRemove.withLock { directory in
                try? FileManager.default.removeItem(atPath: directory)
            }
        }
    }

    private static let directoryToRemove = Mutex("")

    /// A server that shows the certificate `name`.
    func server(
        _ name: String = "good",
        protocols: [String] = ["http/1.1"],
        maxVersion: Int32 = TLS1_3_VERSION,
        asksForCertificate authority: String? = nil,
        parameters: TLSParameters = TLSParameters()
    ) throws -> TLSContext {
        let context = try TLSContext(
            server: TLSServerConfiguration(
                identity: TLSIdentity(certificateFile: self.path("\(name).pem"), keyFile: self.path("\(name).key")),
                parameters: parameters,
                applicationProtocols: protocols
            )
        )
        if let authority {
            let path = self.path("\(authority).pem")
            #expect(SSL_CTX_load_verify_file(context.pointer, path) == 1)
            SSL_CTX_set_client_CA_list(context.pointer, SSL_load_client_CA_file(path))
            SSL_CTX_set_verify(context.pointer, SSL_VERIFY_PEER | SSL_VERIFY_FAIL_IF_NO_PEER_CERT, nil)
        }
        _ = COpenSSL_SSL_CTX_set_max_proto_version(context.pointer, maxVersion)
        return context
    }

    /// A client that trusts the CA `name`.
    func client(
        trusting name: String = "ca",
        verifies: Bool = true,
        protocols: [String] = ["http/1.1"],
        maxVersion: Int32 = TLS1_3_VERSION
    ) throws -> TLSContext {
        let context = try TLSContext(
            client: TLSClientConfiguration(
                verifiesPeer: verifies,
                caFile: self.path("\(name).pem"),
                applicationProtocols: protocols
            )
        )
        _ = COpenSSL_SSL_CTX_set_max_proto_version(context.pointer, maxVersion)
        return context
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// The public keys of which the peer must have one, whatever its certificate says (curl's `--pinnedpubkey`).
public struct TLSPublicKeyPins: Sendable, Equatable {
    /// `sha256//` and the Base64 of each key's digest.
    let pins: [String]

    /// - Parameter text: `sha256//BASE64`, or several with `;` between them, or the path of a public key in PEM or DER.
    /// - Throws: `.configuration`.
    public init(_ text: String) throws(TLSError) {
        guard text.hasPrefix(Self.prefix) else {
            self.pins = [try Self.pin(ofFile: text)]
            return
        }
        self.pins = text.split(separator: ";").map(String.init)
        for pin in self.pins {
            guard pin.hasPrefix(Self.prefix), Self.isDigest(pin.dropFirst(Self.prefix.count)) else {
                throw .configuration(
                    file: nil,
                    reason: "\"\(printable(pin))\" is no pin: sha256// and 44 characters of Base64",
                    advice: "check --pinnedpubkey"
                )
            }
        }
    }

    /// The pin of the key in `certificate`, an `X509 *`.
    static func pin(of certificate: OpaquePointer) -> String? {
        Self.pin { i2d_X509_PUBKEY(X509_get_X509_PUBKEY(certificate), $0) }
    }

    private static func pin(ofFile path: String) throws(TLSError) -> String {
        let file = try FileContents(of: path)
        let key = file.read { bio in
            file.isDER ? d2i_PUBKEY_bio(bio, nil) : PEM_read_bio_PUBKEY(bio, nil, { _, _, _, _ in -1 }, nil)
        }
        defer { EVP_PKEY_free(key) }
        OpenSSLError.clearQueue()
        guard let key, let pin = Self.pin({ i2d_PUBKEY(key, $0) }) else {
            throw .configuration(
                file: path,
                reason: "not a public key in PEM or DER",
                advice: "make one with openssl x509 -in CERT -noout -pubkey, or give sha256//..."
            )
        }
        return pin
    }

    /// - Parameter encode: writes the key's SubjectPublicKeyInfo where it is pointed to, or only tells its length.
    private static func pin(_ encode: (UnsafeMutablePointer<UnsafeMutablePointer<UInt8>?>?) -> Int32) -> String? {
        let length = Int(encode(nil))
        guard length > 0 else { return nil }
        let digest = [UInt8](unsafeUninitializedCapacity: Self.digestBytes) { digest, count in
            withUnsafeTemporaryAllocation(of: UInt8.self, capacity: length) { key in
                var end = key.baseAddress
                guard Int(encode(&end)) == length else { return }
                if EVP_Digest(key.baseAddress, length, digest.baseAddress, nil, EVP_sha256(), nil) == 1 {
                    count = Self.digestBytes
                }
            }
        }
        guard digest.count == Self.digestBytes else { return nil }
        let text = [UInt8](unsafeUninitializedCapacity: Self.digestCharacters + 1) { text, count in
            count = max(0, Int(EVP_EncodeBlock(text.baseAddress, digest, Int32(digest.count))))
        }
        return Self.prefix + String(decoding: text, as: UTF8.self)
    }

    private static func isDigest(_ text: Substring) -> Bool {
        let isBase64 = { (byte: UInt8) in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "+"), UInt8(ascii: "/"):
                true
            default: false
            }
        }
        return text.utf8.count == Self.digestCharacters && text.utf8.last == UInt8(ascii: "=")
            && text.utf8.dropLast().allSatisfy(isBase64)
    }

    private static let prefix = "sha256//"
    private static let digestBytes = 32
    private static let digestCharacters = 44
}

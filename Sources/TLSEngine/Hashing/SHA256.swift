// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import COpenSSL

/// SHA-256 (FIPS 180-4) and HMAC with it (RFC 2104), by OpenSSL.
public enum SHA256 {
    /// How many bytes come out.
    public static let byteCount = 32

    /// The hash of `bytes`.
    public static func hash(_ bytes: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { digest, count in
            _ = COpenSSL.SHA256(bytes, bytes.count, digest.baseAddress)
            count = Self.byteCount
        }
    }

    /// What only who has the key can make of `bytes`.
    public static func authenticate(_ bytes: [UInt8], key: [UInt8]) -> [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { code, count in
            var length: UInt32 = 0
            _ = HMAC(EVP_sha256(), key, Int32(clamping: key.count), bytes, bytes.count, code.baseAddress, &length)
            count = Self.byteCount
        }
    }

    /// Whether two values are the same, in a time that tells nothing about where they differ.
    public static func isSame(_ one: [UInt8], _ other: [UInt8]) -> Bool {
        guard one.count == other.count else { return false }
        return CRYPTO_memcmp(one, other, one.count) == 0
    }
}

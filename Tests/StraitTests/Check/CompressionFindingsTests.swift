// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints
@testable import strait

@Suite("Whether a path compresses")
struct CompressionFindingsTests {
    private static func step(_ extensions: [String], halfClose: Bool = false, isWanted: Bool) -> CheckStep {
        let upgrade = Upgrade(extensions: extensions, halfClose: halfClose)
        return CompressionFindings(upgrade, isWanted: isWanted).step(time: .zero)
    }

    private static let deflate = "permessage-deflate; server_max_window_bits=12"

    @Test func whatWasTakenIsShown() {
        let step = Self.step(["strait-half-close", Self.deflate], halfClose: true, isWanted: true)
        #expect((step.result, step.detail) == (.ok, "\(Self.deflate) is taken"))
    }

    @Test func aPeerThatCompressesShowsThatExtensionsPass() {
        #expect(Self.step([Self.deflate], isWanted: false).detail.contains("so extensions pass"))
    }

    @Test func notTakenIsAWarningOnlyIfItIsWanted() {
        #expect(Self.step(["strait-half-close"], halfClose: true, isWanted: false).result == .ok)
        let wanted = Self.step(["strait-half-close"], halfClose: true, isWanted: true)
        #expect(wanted.result == .warning)
        #expect(wanted.advice?.contains("Sec-WebSocket-Extensions") == true)
    }
}

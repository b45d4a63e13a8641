// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Sizes on the command line")
struct ByteSizeTests {
    @Test(arguments: [
        ("0", 0), ("1500", 1500), ("1k", 1024), ("64K", 65_536), ("1m", 1_048_576), ("2G", 2_147_483_648),
        ("9223372036854775807", Int.max),
    ])
    func takesUnits(text: String, bytes: Int) {
        #expect(ByteSize(argument: text)?.bytes == bytes)
    }

    @Test(arguments: ["", "k", "-1", "+1", "1.5k", "1kb", "1 k", " 1", "1t", "9223372036854775808", "8589934592g", "٣"])
    func refusesWhatIsNone(text: String) {
        #expect(ByteSize(argument: text) == nil)
    }

    @Test(arguments: [(0, "0"), (1500, "1500"), (1024, "1k"), (16_384, "16k"), (1 << 20, "1m"), (3 << 30, "3g")])
    func isPrintedAsItIsTaken(bytes: Int, text: String) {
        #expect(ByteSize(bytes).defaultValueDescription == text)
    }
}

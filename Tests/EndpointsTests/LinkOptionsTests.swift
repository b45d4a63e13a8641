// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("The options of a link")
struct LinkOptionsTests {
    @Test(
        arguments: [
            (nil, false, 262_144), (nil, true, 16384), (0, false, 262_144), (0, true, 262_144), (1024, true, 1024),
            (20000, true, 20000), (262_143, false, 262_143), (262_144, false, 262_144), (262_145, false, 262_144),
        ] as [(Int?, Bool, Int)]
    )
    func framesAreNoLongerThanTheLimitAnd256KiBAndBehindCloudflareByItself16(
        limit: Int?,
        isBehindCloudflare: Bool,
        longest: Int
    ) {
        #expect(LinkOptions.longestFrame(within: limit, isBehindCloudflare: isBehindCloudflare) == longest)
    }
}

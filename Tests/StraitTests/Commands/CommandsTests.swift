// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import strait

@Suite("Commands")
struct CommandsTests {
    @Test(arguments: [[], ["ws://h/"], ["-v", "ws://h/"], ["tcp-listen:1", "ws://h/"], ["--help"]] as [[String]])
    func withoutACommandsNameItIsTheRelay(words: [String]) {
        let (type, arguments) = Commands.command(of: words)
        #expect(type is Arguments.Type)
        #expect(arguments == words)
    }

    @Test func noCommandHasTheNameOfAnAddress() {
        for name in Commands.named.keys { #expect(throws: (any Error).self) { try Arguments.checked([name]) } }
    }
}

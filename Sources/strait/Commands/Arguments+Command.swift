// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// The relay.
extension Arguments {
    var loopCount: Int {
        let isListening = (try? self.link())?.local.isListening ?? false
        return isListening ? EventLoops.coreCount : 1
    }

    func perform() async -> ExitStatus {
        await Relay(self).run()
    }
}

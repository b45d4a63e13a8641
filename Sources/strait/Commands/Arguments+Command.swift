// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Endpoints

/// The relay.
extension Arguments {
    var loopCount: Int {
        let isListening = (try? self.link())?.local.isListening ?? false
        return isListening ? EventLoops.coreCount : 1
    }

    var showsProgress: Bool { self.progress && !self.output.silent }

    func perform() async -> ExitStatus {
        var files = LinkOptions()
        do throws(DiagnosticFile.OpeningFailure) {
            try self.traces.open(for: &files)
        } catch {
            StderrLog.write("strait: \(error)\n")
            return .usage
        }
        return await Relay(self, trace: files.trace, capture: files.capture).run()
    }
}

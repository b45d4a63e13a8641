// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import RelayCore

/// How long frames may be.
struct FrameOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "Longest frame to send; 0 any. Default: 0, behind Cloudflare 16k.",
            valueName: "size"
        )
    )
    var maxFrame: ByteSize?

    func validate() throws {
        if let maxFrame, maxFrame.bytes != 0, maxFrame.bytes < LinkOptions.leastFrame {
            throw ValidationError(
                "--max-frame needs at least \(LinkOptions.leastFrame.byteSizeDescription), or 0 for any"
            )
        }
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import WebSocketCore

/// permessage-deflate.
struct CompressionOptions: ParsableArguments {
    @Flag(help: "Offer, and accept, to compress messages (permessage-deflate).")
    var compressed = false

    @Option(
        help: ArgumentHelp(
            "Window as a power of 2, 9 to 15: more compresses better and takes more memory.",
            valueName: "bits"
        )
    )
    var compressWindow: Int = DeflateWindow.small.bits

    func validate() throws {
        if self.window == nil { throw ValidationError("--compress-window needs a number from 9 to 15") }
    }

    func apply(to options: inout LinkOptions) {
        options.compressionWindow = self.compressed ? self.window : nil
    }

    /// zlib compresses with no less than 9.
    var window: DeflateWindow? {
        self.compressWindow >= 9 ? DeflateWindow(bits: self.compressWindow) : nil
    }
}

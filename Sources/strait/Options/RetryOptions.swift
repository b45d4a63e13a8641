// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints

/// Whether the opening of a link is tried again, as with curl.
struct RetryOptions: ParsableArguments {
    @Option(help: ArgumentHelp("Try this often to open a link again, when it may help.", valueName: "number"))
    var retry = 0

    @Option(
        help: ArgumentHelp(
            "Pause before each further try. Default: 1s, doubled up to 1m, less up to a half by chance.",
            valueName: "time"
        )
    )
    var retryDelay: TimeSpan?

    @Option(help: ArgumentHelp("No further try after this; 0 never too late.", valueName: "time"))
    var retryMaxTime = TimeSpan(.zero)

    func validate() throws {
        if self.retry < 0 { throw ValidationError("--retry is negative; 0 means once and no more") }
    }

    var settings: RetrySettings {
        var settings = RetrySettings()
        settings.count = self.retry
        // As with curl, 0 is the default.
        if let delay = self.retryDelay?.duration, delay > .zero { settings.delay = delay }
        settings.maxTime = self.retryMaxTime.duration
        return settings
    }
}

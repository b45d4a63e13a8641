// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import Endpoints

/// How a service is watched and ended, and whom it believes.
public struct OperationsSettings: Sendable {
    /// Where `/metrics`, `/healthz` and `/readyz` are answered; `nil`: nowhere.
    public var metrics: HostAndPort?
    /// How long links may go on after SIGTERM.
    public var drainTimeout = Duration.zero
    /// What log lines look like.
    public var logFormat = LogFormat.text
    /// Whose X-Forwarded-For or Forwarded is believed.
    public var forwarded = ForwardedFor()
}

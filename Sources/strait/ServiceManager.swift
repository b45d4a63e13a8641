// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Glibc
import Operations

/// What systemd, if it has started us, has given and wants to hear.
struct ServiceManager: Sendable {
    /// Who is told how we are.
    let notifier: SystemdNotifier?
    /// How often it wants a sign of life.
    let watchdog: Watchdog?
    /// Its listening sockets.
    let sockets: Result<ActivationSockets, ActivationSockets.Failure>

    /// Of this process. Ask for it first when there is just one thread: it changes the environment.
    static let current = ServiceManager()

    private init() {
        self.notifier = SystemdNotifier.takeFromEnvironment()
        self.watchdog = Watchdog.takeFromEnvironment()
        do throws(ActivationSockets.Failure) {
            self.sockets = .success(try ActivationSockets.takeFromEnvironment())
        } catch {
            self.sockets = .failure(error)
        }
    }

    func tell(_ messages: SystemdMessage...) {
        for message in messages { self.notifier?.send(message) }
    }
}

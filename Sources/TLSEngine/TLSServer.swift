// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Synchronization

/// A listener's TLS, which follows its files: when somebody has renewed a certificate, connections that come from then on
/// get the new one.
public final class TLSServer: Sendable {
    private struct State {
        var context: TLSContext
        /// The files that `context` was made of, or that could not be used last.
        var files: TLSFiles
    }

    /// What a look at the files has shown.
    public enum OnLook: Equatable, Sendable {
        case unchanged
        /// The new ones are in use.
        case loaded
        /// The new ones can't be used, and the old ones are still. Told once.
        case refused(TLSError)
    }

    private let configuration: TLSServerConfiguration
    private let state: Mutex<State>

    /// - Throws: `.configuration`, with the file that cannot be used and why.
    public init(_ configuration: TLSServerConfiguration) throws(TLSError) {
        self.configuration = configuration
        let files = TLSFiles(configuration.files)
        self.state = Mutex(State(context: try TLSContext(server: configuration), files: files))
    }

    /// For the next connection.
    public var context: TLSContext { self.state.withLock { $0.context } }

    /// Looks whether files have changed, and reads them again then. It blocks while it reads.
    ///
    /// A certificate and its key can't be put in place at one moment. Between the two they don't fit, and are looked at
    /// again when the second has come.
    public func look() -> OnLook {
        let files = TLSFiles(self.configuration.files)
        guard self.state.withLock({ $0.files }) != files else { return .unchanged }
        do throws(TLSError) {
            let context = try TLSContext(server: self.configuration)
            self.state.withLock { $0 = State(context: context, files: files) }
            return .loaded
        } catch {
            self.state.withLock { $0.files = files }
            return .refused(error)
        }
    }
}

extension TLSServerConfiguration {
    /// All that are read.
    var files: [String] {
        let identities = [self.identity] + self.otherIdentities
        return identities.flatMap { [$0.certificateFile, $0.keyFile].compactMap(\.self) } + self.ocspResponseFiles
            + [self.clientAuthorityFile].compactMap(\.self)
    }
}

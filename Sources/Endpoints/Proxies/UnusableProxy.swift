// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// A proxy that was asked for and can't be used: what names it, and why.
public struct UnusableProxy: Error, Hashable, Sendable, CustomStringConvertible {
    /// The option or the variable of the environment.
    public var origin: String
    /// Why, and what is allowed.
    public var problem: String

    /// Reads the proxy that `origin` names.
    ///
    /// - Parameter credentials: take the place of those in the text.
    public static func read(
        _ text: String,
        from origin: String,
        credentials: ProxyCredentials?
    ) -> Result<Proxy, UnusableProxy> {
        do throws(AddressError) {
            var proxy = try Proxy(text)
            if let credentials { proxy.credentials = credentials }
            guard let problem = proxy.credentialsProblem else { return .success(proxy) }
            return .failure(UnusableProxy(origin: origin, problem: "\(proxy): \(problem)"))
        } catch {
            return .failure(UnusableProxy(origin: origin, problem: "\(error)"))
        }
    }

    /// As a log line shows it.
    public var description: String { "\(self.origin): \(self.problem)" }
}

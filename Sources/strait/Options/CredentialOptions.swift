// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import ArgumentParser
import Endpoints
import Glibc

/// Who asks.
struct CredentialOptions: ParsableArguments {
    @Option(
        name: .shortAndLong,
        help: ArgumentHelp(
            "Basic authentication, in place of the address's. Without a password, it is asked for.",
            valueName: "user[:password]"
        )
    )
    var user: String?

    @Option(
        help: ArgumentHelp("Its first line is user:password; /dev/fd/3 will do. Also: STRAIT_USER.", valueName: "file"),
        completion: .file()
    )
    var userFile: String?

    @Option(
        name: .customLong("oauth2-bearer"),
        help: ArgumentHelp("Send this token; --bearer-file hides it from ps.", valueName: "token")
    )
    var bearer: String?

    @Option(
        help: ArgumentHelp("Its first line is the token. Also: STRAIT_BEARER.", valueName: "file"),
        completion: .file()
    )
    var bearerFile: String?

    @Flag(name: .shortAndLong, help: "User and password by host from ~/.netrc.")
    var netrc = false

    @Flag(help: "The same, but those of the address come first.")
    var netrcOptional = false

    @Option(help: ArgumentHelp("Another file than ~/.netrc.", valueName: "file"), completion: .file())
    var netrcFile: String?

    func validate() throws {
        let given = [
            ("--user", self.user), ("--user-file", self.userFile), ("--oauth2-bearer", self.bearer),
            ("--bearer-file", self.bearerFile),
        ].filter { $0.1 != nil }
        if given.count > 1 { throw ValidationError("\(given[0].0) and \(given[1].0) exclude each other") }
        if let user { try Self.check(name: user, of: "--user") }
        if let bearer { try Self.check(bearer: bearer, of: "--oauth2-bearer") }
        if self.netrc, self.netrcOptional {
            throw ValidationError("--netrc and --netrc-optional exclude each other")
        }
    }

    func apply(to options: inout LinkOptions) throws {
        options.request.authorization = try self.authorization()
        if options.request.authorization == nil {
            options.request.fallbackAuthorization = try Self.authorizationOfEnvironment()
        }
        options.request.isNetrcOptional = self.netrcOptional
        options.request.netrc = try self.readNetrc()
    }

    private func authorization() throws -> Authorization? {
        if let userFile {
            let user = try OptionFile(option: "--user-file", path: userFile).secret()
            return try Self.basic(user, "--user-file \(userFile)")
        }
        if let bearerFile {
            let token = try OptionFile(option: "--bearer-file", path: bearerFile).secret()
            return try Self.bearer(token, "--bearer-file \(bearerFile)")
        }
        if let user { return .basic(try Self.completed(user)) }
        return self.bearer.map { .bearer($0) }
    }

    /// With the password of whoever sits at the terminal, if there is none.
    private static func completed(_ user: String) throws(UsageError) -> String {
        if user.utf8.contains(UInt8(ascii: ":")) { return user }
        switch PasswordPrompt.ask("Password for user \"\(user)\": ") {
        case .password(let password): return "\(user):\(password)"
        case .cancelled: throw UsageError(what: "--user", reason: "no password was given", advice: "start again")
        case .interrupted: Strait.exit(ExitStatus(signal: SIGINT))
        case .noTerminal:
            throw UsageError(
                what: "--user",
                reason: "no password, and no terminal to ask for one",
                advice: "give user:password, user: for an empty one, or --user-file"
            )
        }
    }

    private static func authorizationOfEnvironment() throws(UsageError) -> Authorization? {
        switch (Environment["STRAIT_USER"], Environment["STRAIT_BEARER"]) {
        case (let user?, nil): return try Self.basic(user, "STRAIT_USER")
        case (nil, let token?): return try Self.bearer(token, "STRAIT_BEARER")
        case (nil, nil): return nil
        case (_?, _?):
            throw UsageError(what: "STRAIT_USER", reason: "STRAIT_BEARER is set as well", advice: "unset one of them")
        }
    }

    private func readNetrc() throws(UsageError) -> Netrc? {
        if let netrcFile { return Netrc(lines: try OptionFile(option: "--netrc-file", path: netrcFile).lines()) }
        guard self.netrc || self.netrcOptional else { return nil }
        guard let home = Environment["HOME"] else {
            throw UsageError(what: "--netrc", reason: "HOME is not set", advice: "name the file with --netrc-file")
        }
        do throws(UsageError) {
            return Netrc(lines: try OptionFile(option: "--netrc", path: "\(home)/.netrc").lines())
        } catch  where self.netrcOptional {
            return nil
        }
    }

    // MARK: Checks

    private static func basic(_ user: String, _ source: String) throws(UsageError) -> Authorization {
        do {
            try Self.check(user: user, of: source)
        } catch {
            throw UsageError(what: source, reason: "no user:password", advice: "write it so, in one line")
        }
        return .basic(user)
    }

    private static func bearer(_ token: String, _ source: String) throws(UsageError) -> Authorization {
        do {
            try Self.check(bearer: token, of: source)
        } catch {
            throw UsageError(what: source, reason: "no token", advice: "write it in one line, without spaces")
        }
        return .bearer(token)
    }

    private static func check(name user: String, of option: String) throws {
        guard user.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
            throw ValidationError("\(option) has control characters")
        }
    }

    private static func check(user: String, of option: String) throws {
        try self.check(name: user, of: option)
        guard user.utf8.contains(UInt8(ascii: ":")) else {
            throw ValidationError("\(option) has no password; give user:password, or user: for an empty one")
        }
    }

    private static func check(bearer token: String, of option: String) throws {
        guard !token.isEmpty, token.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }) else {
            throw ValidationError("\(option) is no token: it has spaces or other characters that none has")
        }
    }
}

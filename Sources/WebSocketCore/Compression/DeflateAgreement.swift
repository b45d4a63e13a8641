// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

/// permessage-deflate as both sides agreed on it (RFC 7692 §7): what each may use to compress.
public struct DeflateAgreement: Equatable, Sendable {
    /// What one side's compressor may use.
    public struct Direction: Equatable, Sendable {
        /// How far back it refers at most.
        public var window: DeflateWindow
        /// It may refer to the messages before (§7.1.1).
        public var takesOver: Bool

        /// These.
        public init(window: DeflateWindow = .largest, takesOver: Bool = true) {
            self.window = window
            self.takesOver = takesOver
        }
    }

    /// What the client sends.
    public var fromClient: Direction
    /// What the server sends.
    public var fromServer: Direction

    /// These.
    public init(fromClient: Direction = Direction(), fromServer: Direction = Direction()) {
        self.fromClient = fromClient
        self.fromServer = fromServer
    }

    /// What the side of this role sends.
    public func sent(by role: Role) -> Direction {
        switch role {
        case .client: self.fromClient
        case .server: self.fromServer
        }
    }

    /// What the side of this role gets.
    public func received(by role: Role) -> Direction {
        switch role {
        case .client: self.fromServer
        case .server: self.fromClient
        }
    }

    // MARK: Client

    /// What a client offers that wants windows of at most this size, best first.
    ///
    /// A server may not support to limit its own window, and has to decline then (§7.1.2.1), so a limit is followed by
    /// an offer without. Our own window may be limited by any server.
    public static func offers(window: DeflateWindow) -> [ExtensionOffer] {
        var free = DeflateParameters()
        free.clientMaxWindow = .anySize
        guard window < .largest else { return [free.element] }
        var limited = free
        limited.serverMaxWindow = window
        return [limited.element, free.element]
    }

    /// Reads a server's answer to several offers.
    ///
    /// Which one is answered is not said, so it must fit one of them, and the client keeps to what it promised in each
    /// that fits.
    ///
    /// - Throws: What is wrong with the answer; seen from the last offer, if it fits none.
    init(offers: [ExtensionOffer], answer: ExtensionOffer) throws(DeflateParameterError) {
        let answered = try DeflateParameters(answer, .answer)
        var fitting: [DeflateAgreement] = []
        var misfit = DeflateParameterError.unknown(answer.name)
        for offer in offers {
            do throws(DeflateParameterError) {
                fitting.append(try DeflateAgreement(offered: DeflateParameters(offer, .offer), answered: answered))
            } catch {
                misfit = error
            }
        }
        guard var agreement = fitting.first else { throw misfit }
        for other in fitting.dropFirst() {
            agreement.fromClient.window = min(agreement.fromClient.window, other.fromClient.window)
            if !other.fromClient.takesOver { agreement.fromClient.takesOver = false }
        }
        self = agreement
    }

    /// What an answer to an offer agrees on.
    private init(offered: DeflateParameters, answered: DeflateParameters) throws(DeflateParameterError) {
        if offered.serverNoContextTakeover, !answered.serverNoContextTakeover {
            throw .missing("server_no_context_takeover")
        }
        if let limit = offered.serverMaxWindow {
            guard let window = answered.serverMaxWindow else { throw .missing("server_max_window_bits") }
            guard window <= limit else { throw .windowOverOffer(window, offered: limit) }
        }
        self.init()
        self.fromServer.window = answered.serverMaxWindow ?? .largest
        self.fromServer.takesOver = !answered.serverNoContextTakeover
        self.fromClient.takesOver = !answered.clientNoContextTakeover && !offered.clientNoContextTakeover
        switch (offered.clientMaxWindow, answered.clientMaxWindow) {
        case (.absent, .limited): throw .clientWindowNotOffered
        case (.absent, .absent), (.anySize, .absent), (_, .anySize): break
        case (.anySize, .limited(let window)), (.limited(let window), .absent): self.fromClient.window = window
        case (.limited(let promise), .limited(let limit)): self.fromClient.window = min(promise, limit)
        }
    }

    // MARK: Server

    /// What a server that wants windows of at most this size agrees to: the first offer that follows the RFC.
    ///
    /// - Parameter offers: All that the client offers, of any extension.
    /// - Returns: Both what is agreed and what to answer, or `nil` without a fitting offer. Others are declined (§7).
    static func answer(
        to offers: [ExtensionOffer],
        window: DeflateWindow
    ) -> (agreement: DeflateAgreement, answer: ExtensionOffer)? {
        for offer in offers where offer.isNamed(DeflateParameters.extensionName) {
            guard let offered = try? DeflateParameters(offer, .offer) else { continue }
            return Self.answer(to: offered, window: window)
        }
        return nil
    }

    private static func answer(
        to offered: DeflateParameters,
        window: DeflateWindow
    ) -> (agreement: DeflateAgreement, answer: ExtensionOffer) {
        var agreement = DeflateAgreement()
        var answer = DeflateParameters()
        answer.serverNoContextTakeover = offered.serverNoContextTakeover
        // The client has said that it won't anyway; with our word for it we may count on that.
        answer.clientNoContextTakeover = offered.clientNoContextTakeover
        agreement.fromServer.takesOver = !answer.serverNoContextTakeover
        agreement.fromClient.takesOver = !answer.clientNoContextTakeover

        agreement.fromServer.window = min(offered.serverMaxWindow ?? .largest, window)
        if offered.serverMaxWindow != nil || window < .largest {
            answer.serverMaxWindow = agreement.fromServer.window
        }
        switch offered.clientMaxWindow {
        case .absent: break
        case .anySize where window == .largest: break
        case .anySize: agreement.fromClient.window = window
        case .limited(let promise): agreement.fromClient.window = min(promise, window)
        }
        if agreement.fromClient.window < .largest {
            answer.clientMaxWindow = .limited(agreement.fromClient.window)
        }
        return (agreement, answer.element)
    }
}

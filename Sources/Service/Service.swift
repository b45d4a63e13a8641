// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

public import Endpoints
public import Logging
import NIOConcurrencyHelpers
import NIOCore
import RelayCore

/// A service: listeners, and a link for each request that a route takes.
///
/// A connection sees one configuration from its beginning to its end, however often a new one is loaded meanwhile.
public final class Service: Sendable {
    private struct State {
        var snapshot: ServiceSnapshot
        var listeners: [(address: Address, listener: Listener)] = []
        var nextID = 0
    }

    private let state: NIOLockedValueBox<State>
    private let loops: EventLoops
    private let log: Logger
    private let observers: [any ServiceObserver]
    private let inheritedSockets: [String: [CInt]]
    private let places = LinkPlaces()
    private let passwords: PasswordCheck
    private let links = LinkRegistry()
    private let arrivals = Arrivals()

    /// - Parameters:
    ///   - log: For what endpoints have to say of single steps.
    ///   - observers: Are told of everything else.
    ///   - inheritedSockets: What the service manager has opened, by name.
    /// - Throws: When a file that the configuration names can't be used.
    public init(
        _ configuration: ServiceConfiguration,
        loops: EventLoops,
        log: Logger,
        observers: [any ServiceObserver],
        inheritedSockets: [String: [CInt]] = [:]
    ) throws {
        self.passwords = PasswordCheck()
        let snapshot = try ServiceSnapshot(configuration, loops: loops, passwords: self.passwords, log: log)
        self.state = NIOLockedValueBox(State(snapshot: snapshot))
        self.loops = loops
        self.log = log
        self.observers = observers
        self.inheritedSockets = inheritedSockets
    }

    /// Opens the listeners.
    ///
    /// - Returns: What they are known by, with the ports that they have.
    /// - Throws: If one can't be opened; the others are closed then.
    public func start() async throws(OpeningError) -> [String] {
        let snapshot = self.snapshot
        let opened = try await self.open(snapshot.configuration.listeners, snapshot.configuration.linkOptions)
        self.state.withLockedValue { $0.listeners = opened }
        return opened.map(\.listener.name)
    }

    /// Takes a new configuration: links go on, listeners that are in it as well.
    ///
    /// - Returns: What listeners that are new are known by.
    /// - Throws: If it can't be; then nothing has changed.
    public func reload(_ configuration: ServiceConfiguration) async throws -> [String] {
        let snapshot = try ServiceSnapshot(
            configuration,
            loops: self.loops,
            passwords: self.passwords,
            log: self.log
        )
        let old = self.state.withLockedValue { $0.listeners }
        let known = Set(old.map(\.address))
        let wanted = Set(configuration.listeners)
        let added = configuration.listeners.filter { !known.contains($0) }
        let kept = old.filter { wanted.contains($0.address) }
        // Whatever may fail comes before the first change.
        let updates = try kept.map { try $0.listener.prepareUpdate(configuration.linkOptions) }
        let opened = try await self.open(added, configuration.linkOptions)
        self.state.withLockedValue { state in
            state.snapshot = snapshot
            state.listeners = kept + opened
        }
        for update in updates { update() }
        for entry in old where !wanted.contains(entry.address) { await entry.listener.stop() }
        self.tell(.reloaded)
        return opened.map(\.listener.name)
    }

    /// Accepts no more connections; links go on.
    ///
    /// - Parameter isPatient: Whoever is connected by then is served.
    public func stopListening(isPatient: Bool) async {
        let listeners = self.state.withLockedValue { state in
            defer { state.listeners = [] }
            return state.listeners
        }
        guard isPatient else {
            for entry in listeners { entry.listener.close() }
            for entry in listeners { await entry.listener.waitUntilClosed() }
            return
        }
        await withTaskGroup(of: Void.self) { group in
            for entry in listeners { group.addTask { await entry.listener.stop() } }
        }
    }

    /// How many links are open.
    public var linkCount: Int { self.links.count }

    /// The links that are open, the oldest first.
    public func openLinks() async -> [OpenLink] {
        await self.links.openLinks()
    }

    /// Waits until no link is open and no client waits for one, or until the time is over.
    public func waitForLinks(until end: ContinuousClock.Instant) async {
        await self.arrivals.waitUntilNone(within: end - .now)
        await self.links.waitUntilEmpty(within: end - .now)
    }

    /// Ends all links: clients get Close 1001.
    public func endLinks() {
        self.links.cancelAll()
    }

    private var snapshot: ServiceSnapshot { self.state.withLockedValue { $0.snapshot } }

    private func tell(_ event: ServiceEvent) {
        for observer in self.observers { observer.observe(event) }
    }

    // MARK: Listeners

    private func open(
        _ addresses: [Address],
        _ options: LinkOptions
    ) async throws(OpeningError) -> [(address: Address, listener: Listener)] {
        var opened: [(address: Address, listener: Listener)] = []
        var options = options
        options.inheritedSockets = self.inheritedSockets
        for address in addresses {
            do throws(OpeningError) {
                let listener = try await Listener.start(
                    on: address,
                    loops: self.loops,
                    options: options,
                    log: self.log,
                    arrivals: self.arrivals
                ) { connection in await self.serve(connection) }
                opened.append((address, listener))
            } catch {
                for entry in opened { entry.listener.close() }
                throw error
            }
        }
        return opened
    }

    // MARK: Connections

    private func serve(_ connection: IncomingConnection) async {
        let (snapshot, id) = self.state.withLockedValue { state in
            state.nextID += 1
            return (state.snapshot, state.nextID)
        }
        let info = ConnectionInfo(
            id: id,
            name: connection.name,
            source: connection.source,
            header: connection.headerToPassOn
        )
        // From here on a drain waits for it: its client has been accepted, and is not to be refused.
        self.links.reserve(id)
        self.tell(.accepted(info))
        // Behind a proxy that is believed stand many, of whom its request will tell.
        let forwarded = snapshot.configuration.operations.forwarded
        let isProxy = !forwarded.trusted.isEmpty && forwarded.trusted.contain(connection.source)
        let source = isProxy ? nil : connection.source.flatMap { IPAddress($0) }
        let entry = self.places.enter(from: source, snapshot.configuration)
        if case .failure(let refusal) = entry, case .cutOff(let isNews) = self.places.beginRefusal() {
            self.links.remove(id)
            if isNews { self.tell(.gone(info, reason: "cut off, with others that wait to be refused: \(refusal)")) }
            return connection.drop()
        }
        let visit = Visit(info, snapshot, entry, self.places)
        guard let opened = await self.open(connection, visit) else {
            self.links.remove(id)
            return visit.leave()
        }
        self.links.add(opened.link, on: connection.executor, opened.info, start: .now)
        // On a task of its own: the memory that opening took goes with the task that did it.
        let link = opened.link
        Task.detached(executorPreference: connection.executor) {
            await self.run(link, of: visit)
            visit.leave()
        }
    }

    /// Opens both ends of a link; what fails is told.
    private func open(_ connection: IncomingConnection, _ visit: Visit) async -> (link: Link, info: LinkInfo)? {
        do {
            let opening = try await connection.open { request in
                try await visit.admit(request, of: connection)
            }
            switch opening {
            case .opened(let incoming, let other):
                guard let info = visit.link, let route = visit.route else { return nil }
                self.tell(.opened(info, dialTime: visit.dialTime))
                let link = Link(
                    local: incoming,
                    remote: other,
                    executor: connection.executor,
                    bounds: route.settings.bounds
                )
                return (link, info)
            case .refused(let status, let reason):
                self.tell(.refused(visit.info, route: visit.route?.name, status: status, reason: reason))
            case .gone(let reason):
                self.tell(.gone(visit.info, reason: reason))
            }
        } catch let error as OpeningError {
            if error.reason.isExhaustion { connection.pauseListener(reason: "\(error)") }
            if let info = visit.link { self.tell(.dialFailed(info, error)) }
        } catch {
            self.tell(.gone(visit.info, reason: "\(error)"))
        }
        return nil
    }

    private func run(_ link: Link, of visit: Visit) async {
        let start = ContinuousClock.now
        var outcome = await link.run()
        let life = ContinuousClock.now - start
        if let failure = await link.close() { outcome = failure }
        self.conclude(link, of: visit, outcome, life)
    }

    /// Apart, and never inlined: a link that runs need not hold what this holds.
    @inline(never)
    private func conclude(_ link: Link, of visit: Visit, _ outcome: LinkOutcome, _ life: Duration) {
        defer { self.links.remove(visit.info.id) }
        guard let info = visit.link else { return }
        self.tell(.ended(info, outcome, link.counters, life: life, first: link.firstEnd))
    }
}

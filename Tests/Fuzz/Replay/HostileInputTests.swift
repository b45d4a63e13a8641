// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// Every file of `Corpus`, and what comes of mutating them. `make fuzz` goes on where this ends.
@Suite("Hostile input", .serialized)
struct HostileInputTests {
    @Test func everyFolderOfTheCorpusHasATarget() throws {
        #expect(try Set(Corpus.folders()) == Set(FuzzTarget.all.map(\.name)))
    }

    /// `valid-…` says that an input is accepted, `bad-…` that it is refused; other names leave it open.
    @Test(arguments: FuzzTarget.all)
    func everyFileIsAcceptedOrRefusedAsItsNameSays(target: FuzzTarget) async throws {
        let failures = try await onOwnThread {
            let run = try target.prepare()
            var failures: [String] = []
            let inputs = try Corpus.inputs(of: target)
            let last = try LastInput(target, limit: inputs.map(\.bytes.count).max() ?? 0)
            for input in inputs {
                last.note(input.bytes)
                do {
                    let verdict = try run(input.bytes)
                    let claims: [(prefix: String, verdict: FuzzTarget.Verdict)] = [
                        ("valid-", .accepted), ("bad-", .refused),
                    ]
                    for claim in claims where input.name.hasPrefix(claim.prefix) && verdict != claim.verdict {
                        failures.append("\(input.path): \(verdict)")
                    }
                } catch {
                    failures.append("\(input.path): \(error)")
                }
            }
            return failures
        }
        for failure in failures { Issue.record("\(failure)") }
    }

    /// A trap ends the run; what caused it is left in the file that is printed.
    @Test(arguments: FuzzTarget.all)
    func mutationsBreakNoPromise(target: FuzzTarget) async throws {
        let environment = ProcessInfo.processInfo.environment
        let seed = environment["FUZZ_SEED"].flatMap(UInt64.init) ?? 1
        let seconds = environment["FUZZ_MUTATION_SECONDS"].flatMap(Double.init) ?? 30
        let failure: String? = try await onOwnThread {
            let run = try target.prepare()
            var mutator = Mutator(seed: seed, inputs: try Corpus.inputs(of: target).map(\.bytes))
            let last = try LastInput(target, limit: Self.longest)
            print("\(target.name): mutations with FUZZ_SEED=\(seed); the last one is in \(last.path)")
            let end = Date(timeIntervalSinceNow: seconds / Double(FuzzTarget.all.count))
            var count = 0
            while Date() < end {
                let bytes = mutator.next(limit: Self.longest)
                last.note(bytes)
                count += 1
                do {
                    _ = try run(bytes)
                } catch {
                    return "seed \(seed), input \(count), Base64 \(Data(bytes).base64EncodedString()): \(error)"
                }
            }
            print("\(target.name): \(count) mutations")
            return nil
        }
        if let failure { Issue.record("\(failure)") }
    }

    private static let longest = 20_000
}

extension FuzzTarget: CustomTestStringConvertible {
    var testDescription: String { self.name }
}

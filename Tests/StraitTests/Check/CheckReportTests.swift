// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints
@testable import strait

@Suite("Report of a check")
struct CheckReportTests {
    private static func report(_ results: (CheckStep.Result, strait.ExitStatus)...) throws -> CheckReport {
        var report = CheckReport(try Address("ws://h/"))
        for (result, status) in results {
            report.add(CheckStep(name: .tls, result: result, detail: ""), failure: status)
        }
        return report
    }

    @Test func theFirstFailureIsTheRelays() throws {
        #expect(try Self.report((.ok, .broken), (.failed, .refused), (.failed, .broken)).status == .refused)
    }

    @Test func doubtsAreNoFailures() throws {
        let report = try Self.report((.ok, .broken), (.warning, .broken), (.unknown, .broken))
        #expect(report.status == .success)
        #expect(report.summary.hasPrefix("A relay works here;"))
    }

    @Test func jsonHasAllSteps() throws {
        let json = try Self.report((.ok, .broken), (.failed, .refused)).json.description
        #expect(json.hasPrefix(#"{"address":"ws://h/","works":false,"exit":77,"steps":[{"step":"tls","result":"ok","#))
    }
}

// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import Testing

@testable import Endpoints

@Suite("What a request says beyond the handshake")
struct RequestHeaderTests {
    private static func fields(
        _ address: String = "ws://h.example/",
        isFirstOrigin: Bool = true,
        _ change: (inout LinkOptions.Request) -> Void
    ) throws -> [String] {
        var options = LinkOptions.Request()
        change(&options)
        guard case .webSocket(let url) = try Address(address) else { return [] }
        let header = RequestHeader(options: options, url: url, isFirstOrigin: isFirstOrigin)
        return header.additional.map { "\($0.0): \($0.1)" }
    }

    private static let netrc = Netrc(lines: [
        "machine h.example login n password r", "machine h.example login u password w",
    ])

    @Test(
        arguments: [
            // (address, given, netrc, isOptional, environment) and what is sent
            (("ws://h.example/", nil, false, false, false), nil),
            (("ws://u:p@h.example/", nil, false, false, false), "u:p"),
            (("ws://u@h.example/", nil, false, false, false), "u:"),
            (("ws://u:p@h.example/", "g:v", true, false, true), "g:v"),
            (("ws://u:p@h.example/", nil, true, false, true), "u:w"),
            (("ws://u@h.example/", nil, true, true, true), "u:"),
            (("ws://h.example/", nil, true, true, true), "n:r"),
            (("ws://other.example/", nil, true, false, true), "e:v"),
            (("ws://u:p@other.example/", nil, true, false, true), "u:p"),
        ] as [((String, String?, Bool, Bool, Bool), String?)]
    )
    func credentialsHaveAnOrder(given: (String, String?, Bool, Bool, Bool), sent: String?) throws {
        let (address, user, hasNetrc, isOptional, hasEnvironment) = given
        let fields = try Self.fields(address) {
            $0.authorization = user.map { .basic($0) }
            $0.netrc = hasNetrc ? Self.netrc : nil
            $0.isNetrcOptional = isOptional
            $0.fallbackAuthorization = hasEnvironment ? .basic("e:v") : nil
        }
        let expected = sent.map { ["Authorization: \(Authorization.basic($0).fieldValue)"] } ?? []
        #expect(fields == ["User-Agent: strait"] + expected)
    }

    @Test func aTokenIsBearer() throws {
        let fields = try Self.fields { $0.authorization = .bearer("abc.def") }
        #expect(fields.contains("Authorization: Bearer abc.def"))
    }

    @Test func cookiesAreOneField() throws {
        let fields = try Self.fields {
            $0.cookies = ["a=b; c=d", "e=f"]
            #expect($0.cookieJar.add(lines: ["h.example\tFALSE\t/\tFALSE\t0\tn\tv"]) == nil)
        }
        #expect(fields.contains("Cookie: n=v; a=b; c=d; e=f"))
    }

    @Test func changesComeInPlaceOfOurs() throws {
        let fields = try Self.fields {
            $0.authorization = .basic("u:p")
            $0.headers = [
                .set(name: "user-agent", value: "mine"), .remove(name: "authorization"), .set(name: "X", value: ""),
            ]
        }
        #expect(fields == ["user-agent: mine", "X: "])
    }

    @Test func elsewhereGoesNothingThatIsSecret() throws {
        let fields = try Self.fields(isFirstOrigin: false) {
            $0.authorization = .basic("u:p")
            $0.fallbackAuthorization = .bearer("t")
            $0.cookies = ["a=b"]
            $0.headers = [
                .set(name: "AUTHORIZATION", value: "x"), .set(name: "Cookie", value: "x"),
                .set(name: "host", value: "x"), .set(name: "X", value: "y"),
            ]
        }
        #expect(fields == ["User-Agent: strait", "X: y"])
    }

    @Test func elsewhereGoesWhatIsForThere() throws {
        let fields = try Self.fields("ws://u:p@h.example/", isFirstOrigin: false) {
            $0.netrc = Self.netrc
            $0.isNetrcOptional = true
            #expect($0.cookieJar.add(lines: ["h.example\tFALSE\t/\tFALSE\t0\tn\tv"]) == nil)
        }
        #expect(
            fields == ["User-Agent: strait", "Authorization: \(Authorization.basic("u:p").fieldValue)", "Cookie: n=v"]
        )
    }
}

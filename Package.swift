// swift-tools-version: 6.2
// SPDX-FileCopyrightText: The Strait authors
// SPDX-License-Identifier: Apache-2.0

import PackageDescription

let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let nioEmbedded = Target.Dependency.product(name: "NIOEmbedded", package: "swift-nio")
let concurrencyHelpers = Target.Dependency.product(name: "NIOConcurrencyHelpers", package: "swift-nio")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

// What is shipped: small. Tests and sanitizers are built for debugging, and take things as they come.
let released = BuildSettingCondition.when(platforms: [.linux], configuration: .release)

// `make fuzz` wants a program with libFuzzer's main. The functions that it calls are those that the tests replay.
let fuzzed: [Target.Dependency] = [
    "COpenSSL", "Endpoints", "RelayCore", "Service", "TLSEngine", "WebSocketCore", nioCore, nioEmbedded, logging,
]
let fuzz: Target =
    Context.environment["STRAIT_FUZZ"] == nil
    ? .testTarget(
        name: "FuzzTests",
        dependencies: fuzzed,
        path: "Tests/Fuzz",
        exclude: ["Corpus", "Dictionaries", "LibFuzzer", "README.md", "run.sh"],
        sources: ["Replay", "Targets"]
    )
    : .executableTarget(
        name: "fuzz",
        dependencies: fuzzed,
        path: "Tests/Fuzz",
        exclude: ["Corpus", "Dictionaries", "Replay", "README.md", "run.sh"],
        sources: ["LibFuzzer", "Targets"]
    )

let package = Package(
    name: "strait",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "strait", targets: ["strait"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.1"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.2", traits: []),
    ],
    targets: [
        // Linked by its archive, so that the binary needs no other library at run time (which pkgConfig would add).
        .systemLibrary(name: "CYAML", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"])]),
        .target(name: "TLSEngine", dependencies: ["COpenSSL", nioCore]),
        .target(name: "WebSocketCore", dependencies: ["CZlib", nioCore]),
        .target(name: "RelayCore", dependencies: [nioCore]),
        .target(
            name: "Endpoints",
            dependencies: [
                "CMalloc", "RelayCore", "TLSEngine", "WebSocketCore", nioCore, nioPosix, nioHTTP1, logging,
                concurrencyHelpers,
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ]
        ),
        .target(name: "Linkage", cSettings: [.define("STRAIT_RELEASE", released)]),
        .target(
            name: "Service",
            dependencies: [
                "CYAML", "Endpoints", "RelayCore", "TLSEngine", "WebSocketCore", nioCore, nioPosix, logging,
                concurrencyHelpers,
            ],
            linkerSettings: [.linkedLibrary(":libyaml.a")]
        ),
        .target(
            name: "Operations",
            dependencies: ["Endpoints", "RelayCore", "Service", nioCore, nioPosix, nioHTTP1, logging]
        ),
        .executableTarget(
            name: "strait",
            dependencies: [
                "Endpoints", "Linkage", "Operations", "RelayCore", "Service", "TLSEngine", "WebSocketCore", logging,
                concurrencyHelpers,
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            // Nothing loads the program as a library. What it doesn't export, the linker may leave out.
            linkerSettings: [.unsafeFlags(["-Xlinker", "--no-export-dynamic"], released)]
        ),
        fuzz,
        .testTarget(name: "TLSEngineTests", dependencies: ["COpenSSL", "TLSEngine", nioCore, nioEmbedded, nioPosix]),
        .testTarget(name: "WebSocketCoreTests", dependencies: ["CZlib", "WebSocketCore", nioCore]),
        .testTarget(name: "RelayCoreTests", dependencies: ["RelayCore", nioCore]),
        .testTarget(
            name: "EndpointsTests",
            dependencies: ["Endpoints", "RelayCore", "WebSocketCore", nioCore, nioPosix, nioEmbedded, logging]
        ),
        .testTarget(
            name: "ServiceTests",
            dependencies: ["Service", "Endpoints", "RelayCore", "TLSEngine", "WebSocketCore", nioCore]
        ),
        .testTarget(
            name: "OperationsTests",
            dependencies: ["Operations", "Endpoints", "RelayCore", "Service", nioCore, nioPosix, logging]
        ),
        .testTarget(
            name: "StraitTests",
            dependencies: ["strait", "Endpoints", "RelayCore", "TLSEngine", "WebSocketCore", nioCore]
        ),
    ],
    swiftLanguageModes: [.v6]
)

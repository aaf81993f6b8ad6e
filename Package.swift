// swift-tools-version:6.2
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

// What --version tells. Where this is no checkout, nothing.
let commit = Context.gitInformation.map { $0.currentCommit.prefix(12) + ($0.hasUncommittedChanges ? "+" : "") } ?? ""

let package = Package(
    name: "agentsight-export",
    platforms: [.macOS(.v26)],
    products: [
        .executable(name: "agentsight-export", targets: ["AgentSightExport"]),
        // For LD_PRELOAD, of tests alone.
        .library(name: "SystemCallFaults", type: .dynamic, targets: ["SystemCallFaults"]),
    ],
    traits: [
        .trait(name: "ISAL", description: "Reads and writes gzip with ISA-L (Debian: libisal-dev), several times as fast as zlib."),
        .trait(name: "LIBDEFLATE", description: "Compresses Parquet's pages with libdeflate (Debian: libdeflate-dev)."),
        .trait(name: "ZSTD", description: "Compresses with zstd (Debian: libzstd-dev) where a pipeline says so."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.0"),
        .package(url: "https://github.com/apple/swift-system", from: "1.8.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.0", traits: []),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.0"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/swiftcsv/SwiftCSV", from: "0.10.0"),
        .package(url: "https://github.com/swiftlang/swift-subprocess", from: "1.0.0"),
    ],
    targets: [
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CMalloc"),
        .systemLibrary(name: "CFolder"),
        .systemLibrary(name: "CBytes"),
        .target(name: "CBuild", cSettings: [.define("AGENTSIGHT_COMMIT", to: "\"\(commit)\"")]),
        .systemLibrary(name: "CISAL", pkgConfig: "libisal", providers: [.apt(["libisal-dev"])]),
        .systemLibrary(name: "CDeflate", pkgConfig: "libdeflate", providers: [.apt(["libdeflate-dev"])]),
        .systemLibrary(name: "CZstd", pkgConfig: "libzstd", providers: [.apt(["libzstd-dev"])]),
        .target(
            name: "ExportCore",
            dependencies: [.product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(
            name: "ExportPipelines",
            dependencies: ["ExportCore", .product(name: "Yams", package: "Yams")],
            swiftSettings: settings
        ),
        .target(
            name: "ExportHTTP",
            dependencies: [
                "ExportCore",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOSSL", package: "swift-nio-ssl"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ExportAPI",
            dependencies: [
                "ExportCore", "ExportHTTP",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ExportFormats",
            dependencies: [
                "CBytes", "CZlib", "ExportCore", .target(name: "CISAL", condition: .when(traits: ["ISAL"])),
                .target(name: "CDeflate", condition: .when(traits: ["LIBDEFLATE"])),
                .target(name: "CZstd", condition: .when(traits: ["ZSTD"])),
            ],
            // Vectors that are not optimized take ten times as long as no vectors at all.
            swiftSettings: settings + [.unsafeFlags(["-O"], .when(configuration: .debug))]
        ),
        .target(
            name: "ExportWarehouse",
            dependencies: ["ExportCore", "ExportFormats", .product(name: "Crypto", package: "swift-crypto")],
            swiftSettings: settings
        ),
        .target(
            name: "ExportStore",
            dependencies: [
                "CFolder", "ExportCore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ExportS3",
            dependencies: [
                "ExportCore", "ExportHTTP", "ExportStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ExportEngine",
            dependencies: [
                "ExportCore", "ExportAPI", "ExportFormats", "ExportStore",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ExportLoad",
            dependencies: [
                "ExportCore", "ExportFormats", "ExportStore", "ExportWarehouse",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "ExportReport",
            dependencies: ["ExportCore", "ExportEngine", "ExportStore", .product(name: "CoreMetrics", package: "swift-metrics")],
            swiftSettings: settings),
        .target(
            name: "SampleAPI",
            dependencies: [
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "AgentSightExport",
            dependencies: [
                "ExportCore", "ExportPipelines", "ExportHTTP", "ExportAPI", "ExportFormats", "ExportWarehouse", "ExportStore",
                "ExportS3",
                "ExportEngine", "ExportLoad", "ExportReport",
                "SampleAPI", "CBuild",
                .target(name: "CMalloc", condition: .when(platforms: [.linux])),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "TestSupport",
            dependencies: ["ExportCore", .product(name: "Crypto", package: "swift-crypto")],
            path: "Tests/TestSupport",
            swiftSettings: settings
        ),
        .target(
            name: "FuzzKit",
            dependencies: [
                "ExportCore", "ExportFormats", "ExportPipelines", "ExportReport", "ExportS3", "ExportWarehouse", "TestSupport",
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/FuzzKit",
            exclude: ["oracle"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Fuzz",
            dependencies: [
                "FuzzKit",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            path: "Tests/Fuzz",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Benchmark",
            dependencies: [
                "ExportCore", "ExportFormats",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "bench/Benchmark",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Simulate",
            dependencies: [
                "ExportCore", "SampleAPI",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: settings
        ),
        .target(name: "SystemCallFaults", path: "Tests/SystemCallFaults"),
        .executableTarget(name: "Watched", path: "Tests/Watched"),
        .testTarget(name: "FuzzTests", dependencies: ["FuzzKit"], swiftSettings: settings),
        .testTarget(name: "SimulateTests", dependencies: ["ExportCore", "SampleAPI", "Simulate"], swiftSettings: settings),
        .testTarget(name: "ExportCoreTests", dependencies: ["ExportCore", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ExportPipelinesTests", dependencies: ["ExportCore", "ExportPipelines", "TestSupport"], swiftSettings: settings),
        .testTarget(
            name: "ExportAPITests",
            dependencies: [
                "ExportAPI", "ExportCore", "ExportHTTP", "SampleAPI",
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ExportHTTPTests",
            dependencies: [
                "ExportHTTP", "SampleAPI",
                .product(name: "AsyncHTTPClient", package: "async-http-client"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "ExportFormatsTests", dependencies: ["CZlib", "ExportCore", "ExportFormats", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "ExportWarehouseTests", dependencies: ["ExportCore", "ExportFormats", "ExportWarehouse", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "ExportStoreTests",
            dependencies: [
                "ExportCore", "ExportStore", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "SystemPackage", package: "swift-system"),
            ], swiftSettings: settings),
        .testTarget(
            name: "ExportS3Tests",
            dependencies: [
                "ExportCore", "ExportHTTP", "ExportS3", "ExportStore", "SampleAPI",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ExportEngineTests",
            dependencies: [
                "ExportAPI", "ExportCore", "ExportEngine", "ExportFormats", "ExportStore", "SampleAPI", "TestSupport",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings),
        .testTarget(
            name: "ExportLoadTests",
            dependencies: ["ExportCore", "ExportFormats", "ExportLoad", "ExportStore", "ExportWarehouse", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "ExportReportTests", dependencies: ["ExportCore", "ExportEngine", "ExportReport", "TestSupport"],
            swiftSettings: settings),
        .testTarget(
            name: "SampleAPITests",
            dependencies: [
                "SampleAPI",
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            swiftSettings: settings
        ),
        .testTarget(
            name: "EndToEndTests",
            dependencies: [
                "AgentSightExport", "ExportFormats", "ExportReport", "SampleAPI", "TestSupport", "Watched",
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "Hummingbird", package: "hummingbird"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "Subprocess", package: "swift-subprocess"),
                .product(name: "SwiftCSV", package: "SwiftCSV"),
                .product(name: "SystemPackage", package: "swift-system"),
            ],
            swiftSettings: settings
        ),
    ]
)

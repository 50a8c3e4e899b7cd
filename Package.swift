// swift-tools-version: 6.2
// The architecture: each target lists all that it may import, and the build enforces it
// (`--explicit-target-dependency-import-check error`). The reasons are in docs/ARCHITECTURE.md.
import PackageDescription

let strict: [SwiftSetting] = [
  .treatAllWarnings(as: .error),
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

let collections: Target.Dependency = .product(name: "HeapModule", package: "swift-collections")
let grdb: Target.Dependency = .product(name: "GRDB", package: "GRDB.swift")
let sqlite: Target.Dependency = .product(name: "GRDBSQLite", package: "GRDB.swift")
let hummingbird: Target.Dependency = .product(name: "Hummingbird", package: "hummingbird")
let hummingbirdCore: Target.Dependency = .product(
  name: "HummingbirdCore", package: "hummingbird")
let nioCore: Target.Dependency = .product(name: "NIOCore", package: "swift-nio")
let nioPosix: Target.Dependency = .product(name: "NIOPosix", package: "swift-nio")
let lifecycle: Target.Dependency = .product(
  name: "ServiceLifecycle", package: "swift-service-lifecycle")
let logging: Target.Dependency = .product(name: "Logging", package: "swift-log")
let arguments: Target.Dependency = .product(
  name: "ArgumentParser", package: "swift-argument-parser")
let yams: Target.Dependency = .product(name: "Yams", package: "Yams")

/// A target of our own Swift code, under the strict settings.
func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
  .target(name: name, dependencies: dependencies, swiftSettings: strict)
}

/// The tests of one layer, which may import what the layer does.
func tests(
  _ name: String, _ dependencies: [Target.Dependency], resources: [Resource]? = nil
) -> Target {
  .testTarget(
    name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

let package = Package(
  name: "carillon",
  products: [
    .executable(name: "carillon", targets: ["carillon"]),
    .library(name: "Scheduler", targets: ["Domain", "Calendars", "Scheduler"]),
    .library(name: "Inference", targets: ["Domain", "Inference"]),
    .library(
      name: "Service",
      targets: ["Domain", "StrictYAML", "Settings", "Scheduler", "Store", "Jobs", "Service"]),
    .library(name: "Indicators", targets: ["Domain", "Calendars", "Indicators"]),
    .library(
      name: "Jobs",
      targets: ["Domain", "StrictYAML", "Settings", "Store", "Net", "Venues", "Jobs"]),
  ],
  dependencies: [
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
    .package(
      url: "https://github.com/hummingbird-project/hummingbird", exact: "2.28.1", traits: []),
    .package(url: "https://github.com/jpsim/Yams", exact: "6.2.2"),
    .package(url: "https://github.com/apple/swift-argument-parser", exact: "1.8.2"),
    .package(url: "https://github.com/apple/swift-collections", exact: "1.6.0"),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/apple/swift-nio", exact: "2.101.2"),
    .package(url: "https://github.com/swift-server/swift-service-lifecycle", exact: "2.13.0"),
  ],
  targets: [
    // C: module maps and the smallest shims.
    .systemLibrary(
      name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"])]),
    .systemLibrary(name: "CCrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CCrypt", providers: [.apt(["libcrypt-dev"])]),
    .systemLibrary(name: "CLinux"),
    .systemLibrary(name: "CSQLiteConfig", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CLanes"),
    // Linked, never called: keeps 34 MB of Foundation's language data out of the program.
    .target(name: "CNoLocales"),

    // Meaning: pure.
    layer("Domain"),
    layer("Cryptography", ["Domain", "CCrypto"]),
    layer("StrictYAML", ["Domain", yams]),
    layer("Calendars", ["Domain"]),
    layer("Scheduler", ["Domain", "StrictYAML", "Calendars", collections]),
    layer("Indicators", ["Domain", "Calendars"]),
    layer("Inference", ["Domain", "CLanes"]),
    layer("Exchange", ["Domain"]),
    layer("Portfolio", ["Domain", "Cryptography", "Exchange"]),
    layer("Dashboard", ["Domain"]),

    // Effects.
    layer("Disk", ["Domain"]),
    layer(
      "Store",
      ["Domain", "Disk", "CLinux", "CSQLiteConfig", "CZstd", "Cryptography", grdb, sqlite]),
    layer("Net", ["Domain", "CCurl"]),
    layer("Remote", ["Domain", "Cryptography", "Disk", "Net", "Store"]),
    layer("Venues", ["Domain", "Cryptography", "Disk", "Exchange", "Net"]),

    // Where they meet.
    layer("Settings", ["Domain", "StrictYAML", "Calendars"]),
    layer("Notify", ["Domain", "Cryptography", "Net"]),
    layer(
      "Jobs",
      [
        "Domain", "StrictYAML", "Calendars", "Settings", "Indicators", "Inference", "Portfolio",
        "Disk", "Exchange", "Store", "Venues", "Net", "CLinux", "Cryptography", "Remote", logging,
      ]),
    layer(
      "Service",
      [
        "Domain", "StrictYAML", "Settings", "Calendars", "Scheduler", "Portfolio", "Disk", "Store",
        "Jobs", "Dashboard", "Net", "Notify", "Cryptography",
        "CLinux", "CCrypt",
        hummingbird, hummingbirdCore, nioCore, nioPosix, lifecycle, logging,
      ]),
    layer(
      "Box",
      [
        "Domain", "Cryptography", "StrictYAML", "Disk", "Exchange", "Venues", hummingbird, nioCore,
        logging,
      ]),
    layer(
      "Simulation",
      [
        "Domain", "Settings", "StrictYAML", "Scheduler", "Disk", "Store", "Jobs", "Venues", "Net",
        "Service", "Cryptography", hummingbird, logging,
      ]),
    .executableTarget(
      name: "carillon",
      dependencies: [
        "Domain", "Settings", "StrictYAML", "Scheduler", "Portfolio", "Disk", "Store", "Jobs",
        "Venues", "Net", "Notify", "Indicators", "Inference", "Service", "Simulation", "Box",
        "Calendars", "Cryptography", "Remote", "CNoLocales",
        arguments, logging,
      ],
      swiftSettings: strict),

    tests("HouseTests", []),
    tests("DomainTests", ["Domain"]),
    tests("DiskTests", ["Domain", "Disk"]),
    tests("CryptographyTests", ["Cryptography", "Domain"]),
    tests("ExchangeTests", ["Domain", "Exchange"]),
    tests("PortfolioTests", ["Domain", "Portfolio"], resources: [.copy("Goldens")]),
    tests("NetTests", ["Domain", "Net"]),
    tests("NotifyTests", ["Cryptography", "Domain", "Net", "Notify"]),
    tests("VenuesTests", ["Box", "Cryptography", "Domain", "Exchange", "Net", "Venues", logging]),
    tests(
      "StoreTests", ["Domain", "Disk", "Store", "CZstd", grdb, "Cryptography"],
      resources: [.copy("Golden")]
    ),
    tests(
      "RemoteTests", ["Cryptography", "Disk", "Domain", "Net", "Remote", "Store"]),
    tests("DashboardTests", ["Dashboard", "Domain"]),
    tests("IndicatorsTests", ["Calendars", "Domain", "Indicators"]),
    tests("StrictYAMLTests", ["Domain", "StrictYAML"]),
    tests("CalendarsTests", ["Calendars", "Domain"]),
    tests("SchedulerTests", ["Calendars", "Scheduler", "Domain", "StrictYAML"]),
    tests(
      "JobsTests",
      [
        "Calendars", "Cryptography", "Domain", "Exchange", "Inference", "Jobs", "Net", "Settings",
        "Store", "StrictYAML", "Venues", logging,
      ]),
    tests(
      "BoxTests", ["Box", "Cryptography", "Domain", "Exchange", "StrictYAML", "Venues"]),
    tests("SimulationTests", ["Domain", "Net", "Venues", "Simulation", logging]),
    tests(
      "ServiceTests",
      [
        "Dashboard", "Disk", "Domain", "Jobs", "Net", "Portfolio", "Scheduler", "Service",
        "Settings", "Store", "StrictYAML", grdb, logging,
      ]),
    tests("CommandTests", ["carillon", "Domain", arguments]),
    tests("InferenceTests", ["Domain", "Inference", "CLanes"], resources: [.copy("Goldens")]),
  ],
  swiftLanguageModes: [.v6]
)

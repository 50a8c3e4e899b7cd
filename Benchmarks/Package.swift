// swift-tools-version: 6.2
// Benchmarks, in a package of their own so that the product's graph does not know them. Peers are
// compared by the scripts in peers/, which build and run what they need from here.
import PackageDescription

let package = Package(
  name: "benchmarks",
  dependencies: [
    .package(name: "carillon", path: ".."),
    .package(url: "https://github.com/apple/swift-log", exact: "1.16.2"),
    .package(url: "https://github.com/groue/GRDB.swift", exact: "7.10.0"),
  ],
  targets: [
    .executableTarget(
      name: "CronBench", dependencies: [.product(name: "Scheduler", package: "carillon")],
      path: "Cron"),
    .executableTarget(
      name: "scheduler-benchmark",
      dependencies: [
        .product(name: "Service", package: "carillon"),
        .product(name: "Logging", package: "swift-log"),
      ], path: "Scheduler"),
    .executableTarget(
      name: "ComputeBench",
      dependencies: [
        .product(name: "Jobs", package: "carillon"),
        .product(name: "Logging", package: "swift-log"),
      ], path: "Compute"),
    .executableTarget(
      name: "RebalanceBench",
      dependencies: [
        .product(name: "Jobs", package: "carillon"),
        .product(name: "Logging", package: "swift-log"),
      ], path: "Rebalance"),
    // The worlds of the tests, by a link: what proves them is one and the same.
    .executableTarget(
      name: "RebalanceProver",
      dependencies: [
        .product(name: "Jobs", package: "carillon"),
        .product(name: "Logging", package: "swift-log"),
      ], path: "Prover",
      sources: [
        "main.swift", "Shared/Progress.swift", "Worlds/CuttingTime.swift",
        "Worlds/SeededRandom.swift",
        "Worlds/SeededRebalanceChecks.swift", "Worlds/SeededRebalanceEvents.swift",
        "Worlds/SeededRebalances.swift", "Worlds/TradedWorld.swift", "Worlds/Workbench.swift",
      ]),
    // Built with -enable-testing, since the storms see what the tests see: see scripts/prove_storms.
    .executableTarget(
      name: "StormProver",
      dependencies: [
        .product(name: "Service", package: "carillon"),
        .product(name: "GRDB", package: "GRDB.swift"),
        .product(name: "Logging", package: "swift-log"),
      ], path: "Storms",
      sources: [
        "main.swift", "Shared/Progress.swift", "Voyages/ServiceBench.swift",
        "Voyages/ServiceFolder.swift",
        "Voyages/Storm.swift", "Voyages/StormJudgement.swift", "Voyages/StormSea.swift",
      ]),
    .executableTarget(
      name: "InferenceBench", dependencies: [.product(name: "Inference", package: "carillon")],
      path: "Inference"),
    .executableTarget(
      name: "indicators-benchmark",
      dependencies: [.product(name: "Indicators", package: "carillon")], path: "Indicators"),
  ],
  swiftLanguageModes: [.v6]
)

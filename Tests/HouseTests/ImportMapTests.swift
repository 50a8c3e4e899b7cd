import Testing

/// The architecture: who may import whom. A change here is a change of the design, and belongs into
/// docs/ARCHITECTURE.md as well.
private enum Layers {
  /// What each target may import of ours and of others.
  static let map: [String: Set<String>] = [
    // Meaning: pure.
    "Domain": [],
    "Cryptography": ["Domain", "CCrypto"],
    "StrictYAML": ["Domain", "Yams"],
    "Calendars": ["Domain"],
    "Scheduler": ["Domain", "StrictYAML", "Calendars", "HeapModule"],
    "Indicators": ["Domain", "Calendars"],
    "Inference": ["Domain", "CLanes"],
    "Exchange": ["Domain"],
    "Portfolio": ["Domain", "Cryptography", "Exchange"],
    "Dashboard": ["Domain"],

    // Effects.
    "Disk": ["Domain"],
    "Store": [
      "Domain", "Disk", "CLinux", "CSQLiteConfig", "CZstd", "GRDB", "GRDBSQLite", "Cryptography",
    ],
    "Net": ["Domain", "CCurl"],
    "Venues": ["Domain", "Cryptography", "Disk", "Exchange", "Net"],

    // Where they meet.
    "Settings": ["Domain", "StrictYAML", "Calendars"],
    "Remote": ["Domain", "Cryptography", "Disk", "Net", "Store"],
    "Notify": ["Domain", "Cryptography", "Net"],
    "Jobs": [
      "Domain", "StrictYAML", "Calendars", "Settings", "Indicators", "Inference", "Portfolio",
      "Disk", "Exchange", "Store", "Venues", "Net", "CLinux", "Logging", "Cryptography", "Remote",
    ],
    "Service": [
      "Domain", "StrictYAML", "Settings", "Calendars", "Scheduler", "Portfolio", "Disk", "Store",
      "Jobs", "Dashboard", "Net", "Notify", "Cryptography",
      "CLinux", "CCrypt",
      "Hummingbird", "HummingbirdCore", "NIOCore", "NIOPosix", "ServiceLifecycle", "Logging",
    ],
    "Box": [
      "Domain", "Cryptography", "StrictYAML", "Disk", "Exchange", "Venues", "Hummingbird",
      "NIOCore", "Logging",
    ],
    "Simulation": [
      "Domain", "Settings", "StrictYAML", "Scheduler", "Disk", "Store", "Jobs", "Venues", "Net",
      "Service",
      "Cryptography", "Hummingbird", "Logging",
    ],
    "carillon": [
      "Domain", "Settings", "StrictYAML", "Scheduler", "Disk", "Store", "Jobs", "Venues", "Net",
      "Notify", "Indicators", "Inference", "Portfolio", "Service", "Simulation", "Box", "Calendars",
      "Cryptography", "Remote", "CNoLocales",
      "ArgumentParser", "Logging",
    ],
  ]

  /// Targets whose code must give the same answer everywhere and for ever: no effects, and no
  /// Foundation, whose formatting and calendars differ by platform and version.
  static let pure: Set<String> = [
    "Domain", "Cryptography", "StrictYAML", "Calendars", "Scheduler", "Indicators", "Inference",
    "Portfolio", "Exchange", "Dashboard",
  ]

  /// What comes with the toolchain and needs no line in Package.swift.
  static let toolchain: Set<String> = ["Glibc", "Synchronization", "FoundationEssentials"]

  /// Products that hold several modules, and the modules that we take from them.
  static let modules: [String: Set<String>] = ["Collections": ["Collections", "HeapModule"]]

  /// Imports of a target beyond the map, each with its reason.
  static let exceptions: [Exception] = [
    Exception(
      place: "Sources/carillon/", what: "import Dispatch",
      reason: "signals of one-shot commands, and the main queue, are Dispatch's"),
    Exception(
      place: "Sources/Service/Web/", what: "import Dispatch",
      reason: "the loop's thread waits for the server to listen, and for a reading, on a semaphore"),
  ]

  static func modules(of product: String) -> Set<String> { modules[product] ?? [product] }
}

@Suite struct ImportMapTests {
  private let manifest: Manifest

  init() throws {
    manifest = Manifest(text: try Repository.here.text(of: "Package.swift"))
  }

  @Test(arguments: Layers.map.keys.sorted())
  func packageDeclaresTheMap(_ target: String) throws {
    let declared = try #require(manifest.layers[target], "Package.swift has no target \(target)")
    #expect(declared == Layers.map[target])
  }

  @Test func packageDeclaresNothingElse() {
    #expect(Set(manifest.layers.keys) == Set(Layers.map.keys))
    #expect(
      manifest.systemLibraries == [
        "CCrypt", "CCrypto", "CCurl", "CLanes", "CLinux", "CNoLocales", "CSQLiteConfig",
        "CZstd",
      ])
  }

  @Test func everyTargetWithSourcesIsInTheMap() throws {
    let folders = Set(
      try Repository.here.files(under: "Sources").map { $0.split(separator: "/")[1] }
        .map(String.init))
    #expect(folders.subtracting(manifest.systemLibraries).isSubset(of: Layers.map.keys))
  }

  @Test func everyFileImportsOnlyWhatItsLayerMay() throws {
    var violations: [Violation] = []
    for target in Layers.map.keys.sorted() where Repository.here.exists("Sources/\(target)") {
      for source in try Repository.here.swiftSources(under: "Sources/\(target)") {
        violations += Self.violations(in: source, of: target)
      }
    }
    expectOnly(
      Layers.exceptions, among: violations,
      mend: "move the code to a layer that may, or change the design first")
  }

  @Test func everyDeclaredImportIsUsed() throws {
    for (target, declared) in Layers.map where Repository.here.exists("Sources/\(target)") {
      let used = Set(
        try Repository.here.swiftSources(under: "Sources/\(target)").flatMap(\.imports)
          .map(\.text))
      let idle = declared.filter { Layers.modules(of: $0).isDisjoint(with: used) }
      #expect(idle.isEmpty, "\(target) declares what no file of it imports")
    }
  }

  @Test func everyTargetOfTestsHasItsFolder() {
    for name in manifest.tests.keys { #expect(Repository.here.exists("Tests/\(name)"), "\(name)") }
  }

  static func violations(in source: SwiftSource, of target: String) -> [Violation] {
    let allowed =
      Set((Layers.map[target] ?? []).flatMap(Layers.modules)).union(
        Layers.pure.contains(target) ? ["Glibc", "Synchronization"] : Layers.toolchain)
    return source.imports.filter { !allowed.contains($0.text) }.map {
      Violation(path: source.path, line: $0.line, what: "import \($0.text)")
    }
  }

  // MARK: the rules themselves

  @Test func aForbiddenImportIsFound() {
    let planted = SwiftSource(
      path: "Sources/Domain/X.swift",
      text: """
        // import Store
        import Glibc
        public import struct Foundation.Date
        @preconcurrency internal import Store
        let text = "import GRDB"
        """)
    #expect(
      Self.violations(in: planted, of: "Domain").map(\.description) == [
        "Sources/Domain/X.swift:3: import Foundation", "Sources/Domain/X.swift:4: import Store",
      ])
    #expect(Self.violations(in: planted, of: "Jobs").map(\.what) == ["import Foundation"])
  }

  @Test func theManifestIsReadAsItIsWritten() {
    let manifest = Manifest(
      text: """
        // layer("Comment", ["Nothing"])
        let crypto: Target.Dependency = .product(name: "Crypto", package: "swift-crypto")
        let lifecycle: Target.Dependency = .product(
          name: "ServiceLifecycle", package: "swift-service-lifecycle")
        func layer(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
          .target(name: name, dependencies: dependencies, swiftSettings: strict)
        }
        let package = Package(targets: [
            .systemLibrary(
              name: "CCurl", providers: [.apt(["libcurl4-openssl-dev"])]),
            layer("Domain"),
            layer(
              "Jobs",
              [
                "Domain", crypto, lifecycle,
              ]),
            .executableTarget(
              name: "carillon", dependencies: ["Jobs"], swiftSettings: strict),
            tests("DomainTests", ["Domain"]),
        ])
        """)
    #expect(
      manifest.layers == [
        "Domain": [], "Jobs": ["Domain", "Crypto", "ServiceLifecycle"], "carillon": ["Jobs"],
      ])
    #expect(manifest.systemLibraries == ["CCurl"])
    #expect(manifest.tests == ["DomainTests": ["Domain"]])
  }
}

import Domain
import Settings
import StrictYAML
import Testing

@testable import Jobs

/// Jobs held against each other: what each set-up is told, with the place it is told at.
@Suite struct JobWiringTests {
  /// A set-up and its complaints, each as `error|warning PLACE: part of the message`.
  struct Case: CustomTestStringConvertible {
    var title: String
    var settings = setUp()
    /// NAME KIND [after NAME] [needs NAME], a line each; what stands behind `|` is its `with:`.
    var jobs: [String]
    var told: [String]

    var testDescription: String { title }
  }

  /// Lines 1 to 11; `symbols` is line 8, `features` line 10.
  static func setUp(
    symbols: String = "[BTC-USDT, ETH-USDT]", defaults: String = "{}"
  ) -> String {
    """
    version: 1
    venues: { simulated: { kind: simulated }, other: { kind: simulated, seed: 2 } }
    accounts:
      main: { quote: USDT, cash: "1000" }
      second: { quote: ETH, cash: "10" }
    market:
      venue: simulated
      symbols: \(symbols)
      timeframe: 1h
      features: { up: roc(1), strength: rsi(14) }
    defaults: \(defaults)
    """
  }

  private static let chain = [
    "fetch fetch", "compute compute after fetch",
    "infer infer after compute | model: builtin:momentum",
  ]

  static let cases: [Case] = [
    Case(
      title: "a whole chain",
      jobs: chain + ["rebalance rebalance after infer | account: main"], told: []),
    Case(
      title: "one that is fetched elsewhere", jobs: chain + ["more compute | venue: other"],
      told: [
        "warning jobs:4:23: no fetch job brings the candles that `more` reads: 1h of other"
      ]),

    // Features.
    Case(
      title: "other features than are made",
      jobs: [
        "fetch fetch", "compute compute after fetch | features: { a: rsi(14) }",
        "infer infer after compute | model: builtin:momentum",
      ], told: ["error jobs:3:1: `infer` reads other features than `compute` makes: it lacks `up`"]),
    Case(
      title: "the same names, other gaps",
      jobs: [
        "fetch fetch", "compute compute after fetch",
        "infer infer after compute | model: builtin:momentum, gaps: reset",
      ],
      told: ["error jobs:3:1: `infer` reads other features than `compute` makes: of the same names"]
    ),
    Case(
      title: "nobody computes", jobs: ["fetch fetch", "infer infer | model: builtin:momentum"],
      told: [
        "error jobs:2:1: no compute job makes the features that `infer` reads: 1h of simulated"
      ]
    ),
    Case(
      title: "a symbol that is not computed",
      jobs: [
        "fetch fetch", "compute compute after fetch | symbols: [ETH-USDT]",
        "infer infer after compute | model: builtin:momentum",
      ],
      told: [
        "error settings:8:13: no compute job makes the features of `BTC-USDT`, which `infer` reads"
      ]
    ),
    Case(
      title: "computed by two jobs together",
      jobs: [
        "fetch fetch", "one compute after fetch | symbols: [ETH-USDT]",
        "two compute after fetch | symbols: [BTC-USDT]",
        "infer infer after one | model: builtin:momentum",
      ], told: []),

    // Scores.
    Case(
      title: "nobody infers", jobs: ["rebalance rebalance | account: main"],
      told: ["error jobs:1:1: there is no job `infer`, whose scores `rebalance` reads"]),
    Case(
      title: "Kelly's bet on scores that need not be probabilities",
      jobs: chain + [
        "rebalance rebalance after infer | account: main, weighting: kelly, payoff: 1.2"
      ],
      told: [
        "error jobs:4:61: `weighting: kelly` bets on the scores of `infer` as probabilities"
      ]),
    Case(
      title: "Kelly's bet on scores that have to be probabilities",
      jobs: [
        "fetch fetch", "compute compute after fetch",
        "infer infer after compute | model: m.txt, calibrated: probability",
        "rebalance rebalance after infer | account: main, weighting: kelly, payoff: 1.2",
      ], told: []),
    Case(
      title: "the scores of a fetch",
      jobs: chain + ["rebalance rebalance after infer | account: main, scores: fetch"],
      told: ["error jobs:4:58: `fetch`, whose scores `rebalance` reads, is no infer job"]),
    Case(
      title: "beside the scores, not after them",
      jobs: chain + ["rebalance rebalance after fetch | account: main"],
      told: ["warning jobs:4:1: `rebalance` does not wait for `infer`"]),
    Case(
      title: "on its own clock, with fresh scores",
      jobs: chain + ["rebalance rebalance needs infer | account: main"], told: []),
    Case(
      title: "a symbol without a score",
      jobs: [
        "fetch fetch", "compute compute after fetch",
        "infer infer after compute | model: builtin:momentum, symbols: [ETH-USDT]",
        "rebalance rebalance after infer | account: main",
      ],
      told: [
        "warning settings:8:13: `infer` gives no score to `BTC-USDT`, so `rebalance` never buys it"
      ]
    ),
    Case(
      title: "scores of another timeframe",
      jobs: chain + ["rebalance rebalance after infer | account: main, timeframe: 1d"],
      told: ["error jobs:4:1: `infer` scores other series than `rebalance` trades: not 1d"]),

    // Money.
    Case(
      title: "two on one account",
      jobs: chain + [
        "rebalance rebalance after infer | account: main",
        "again rebalance after infer | account: main, symbols: [ETH-USDT]",
      ],
      told: ["error jobs:5:40: `again` and `rebalance` both trade `ETH-USDT` on the account `main`"]
    ),
    Case(
      title: "two on one account, apart",
      jobs: chain + [
        "rebalance rebalance after infer | account: main, symbols: [BTC-USDT]",
        "again rebalance after infer | account: main, symbols: [ETH-USDT]",
      ], told: []),
    Case(
      title: "two on all of a venue", settings: setUp(symbols: "all"),
      jobs: chain + [
        "rebalance rebalance after infer | account: main",
        "again rebalance after infer | account: main, symbols: [ETH-USDT]",
      ], told: ["error jobs:5:40: `again` and `rebalance` both trade all symbols of a venue"]),
    // 1/20 = 0.05.
    Case(
      title: "a band that is wider than a weight",
      jobs: chain + ["rebalance rebalance after infer | account: main, top: 20, band: 0.06"],
      told: ["warning jobs:4:65: a full weight is at most 1/20 of the equity"]),
    Case(
      title: "a band as wide as a weight",
      jobs: chain + ["rebalance rebalance after infer | account: main, top: 20, band: 0.05"],
      told: []),
  ]

  @Test(arguments: cases)
  func tells(_ story: Case) throws {
    let settings = try Settings.read(story.settings, file: "settings", environment: [:]).settings
    let sources = MarketSources(settings, transport: NoNetwork(), time: SystemTime())
    let catalog = JobCatalog(settings, sources: sources)
    let log = DiagnosticLog()
    let jobs = try Self.listings(story.jobs).compactMap { listing in
      catalog.job(listing.name, listing.kind, parameters: listing.parameters, log: log)
        .map { (listing: listing, job: $0) }
    }
    try #require(!log.hasErrors, "\(log.diagnostics)")
    let told = catalog.complaints(about: jobs)
    #expect(told.count == story.told.count, "\(told)")
    for (complaint, words) in zip(told, story.told) {
      let text = "\(complaint.severity) \(complaint.location): \(complaint.message)"
      #expect(text.hasPrefix(words), "\(text)")
    }
  }

  @Test func aSymbolTwiceIsToldWithItsPlace() {
    let text = Self.setUp(symbols: "[BTC-USDT, ETH-USDT, BTC-USDT]")
    let error = #expect(throws: Diagnostics.self) {
      try Settings.read(text, file: "settings", environment: [:])
    }
    #expect(
      error?.items.map(\.description) == [
        "settings:8:33: error: `BTC-USDT` is given twice; the first is at 8:13: remove one"
      ])
  }

  /// The jobs of lines, each placed at line N, column 1; what stands behind `|` at its own column.
  private static func listings(_ lines: [String]) throws -> [JobListing] {
    var ancestors: [JobName: Set<JobName>] = [:]
    return try lines.enumerated().map { index, line in
      let parts = line.split(separator: "|", maxSplits: 1).map(String.init)
      let words = parts[0].split(separator: " ").map(String.init)
      func named(_ key: String) throws -> JobName? {
        try words.firstIndex(of: key).map { try #require(JobName(words[$0 + 1])) }
      }
      let name = try #require(JobName(words[0]))
      let parent = try named("after")
      ancestors[name] = parent.map { (ancestors[$0] ?? []).union([$0]) } ?? []
      var parameters: YAMLNode?
      if parts.count > 1 {
        let padding =
          String(repeating: "\n", count: index)
          + String(repeating: " ", count: parts[0].count) + "{"
        parameters = try YAMLDocument.parse(padding + parts[1] + "}", file: "jobs")
      }
      return JobListing(
        name: name, kind: try #require(JobKind(rawValue: words[1])), parameters: parameters,
        location: SourceLocation(file: "jobs", line: index + 1, column: 1),
        ancestors: ancestors[name] ?? [], needs: Set(try [named("needs")].compactMap(\.self)))
    }
  }
}

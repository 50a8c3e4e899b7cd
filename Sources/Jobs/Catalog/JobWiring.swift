import Domain
import Indicators
import Inference
import Portfolio
import Settings
import StrictYAML

/// The jobs of a schedule held against each other: whether each finds what it reads, and none takes
/// what is another's.
///
/// What can never work is an error, for a run would abstain for ever and say so to nobody; what works
/// worse than it looks is a warning.
struct JobWiring {
  private let outlines: [JobOutline]
  private let log = DiagnosticLog()

  /// Looks at all jobs of a schedule.
  init(_ outlines: [JobOutline]) {
    self.outlines = outlines
    outlines.forEach(check)
    checkAccounts()
  }

  /// All that is wrong.
  var diagnostics: [Diagnostic] { log.diagnostics.items }

  private func check(_ outline: JobOutline) {
    switch outline.job {
    case is ComputeJob: checkCandles(of: outline)
    case let job as InferJob: checkFeatures(of: job, outline)
    case let job as RebalanceJob:
      checkScores(of: job, outline)
      checkBand(of: job, outline)
    default: break
    }
  }

  // MARK: what is read

  private func checkCandles(of outline: JobOutline) {
    guard let universe = outline.universe else { return }
    let fetched = outlines.contains { other in
      other.job is FetchJob && other.universe.map { $0.isBeside(universe) } == true
    }
    guard !fetched else { return }
    log.warning(
      at: outline.place(of: "venue"),
      "no fetch job brings the candles that `\(outline.listing.name)` reads: "
        + "\(universe.timeframe) of \(universe.venue)",
      mend: "add one: fetch: { cron: \"1 * * * *\" }")
  }

  private func checkFeatures(of job: InferJob, _ outline: JobOutline) {
    let name = outline.listing.name
    let computing = outlines.filter { other in
      other.job is ComputeJob && other.universe.map { $0.isBeside(job.universe) } == true
    }
    let makers = computing.filter { $0.features?.sha256 == job.features.sha256 }
    if makers.isEmpty {
      guard let near = computing.first, let made = near.features else {
        log.error(
          at: outline.place(of: "features"),
          "no compute job makes the features that `\(name)` reads: "
            + "\(job.universe.timeframe) of \(job.universe.venue)",
          mend: "add one before it: compute: { after: fetch }")
        return
      }
      log.error(
        at: outline.place(of: "features"),
        "`\(name)` reads other features than `\(near.listing.name)` makes: "
          + Self.difference(job.features, made),
        mend: "give both the same `features` and `gaps`, best once: market: { features: ... }")
      return
    }
    let made = makers.compactMap { $0.universe?.chosen }
    guard made.count == makers.count, let wanted = job.universe.chosen else { return }
    let all = Set(made.joined())
    for symbol in wanted where !all.contains(symbol) {
      log.error(
        at: outline.place(of: symbol),
        "no compute job makes the features of `\(symbol)`, which `\(name)` reads",
        mend: "add it to the symbols of `\(makers[0].listing.name)`")
    }
  }

  /// What one set of features has and another has not.
  private static func difference(_ read: FeatureRecipe, _ made: FeatureRecipe) -> String {
    let (own, others) = (read.specification.names, made.specification.names)
    let lacking = own.filter { !others.contains($0) }
    if !lacking.isEmpty { return "it lacks `\(lacking.joined(separator: "`, `"))`" }
    let more = others.filter { !own.contains($0) }
    if !more.isEmpty { return "it also makes `\(more.joined(separator: "`, `"))`" }
    return own == others
      ? "of the same names, from other expressions, or with other `gaps`" : "in another order"
  }

  private func checkScores(of job: RebalanceJob, _ outline: JobOutline) {
    let (name, scores) = (outline.listing.name, job.parameters.scores)
    let inferring = outlines.filter { $0.job is InferJob }
    guard let source = inferring.first(where: { $0.listing.name == scores }) else {
      let isListed = outlines.contains { $0.listing.name == scores }
      let known = inferring.map(\.listing.name.text)
      let mend =
        known.isEmpty
        ? "add one: infer: { after: compute, with: { model: FILE } }"
        : "name one: scores: \(Spelling.nearest(scores.text, among: known) ?? known[0])"
      log.error(
        at: outline.place(of: "scores"),
        isListed
          ? "`\(scores)`, whose scores `\(name)` reads, is no infer job"
          : "there is no job `\(scores)`, whose scores `\(name)` reads", mend: mend)
      return
    }
    guard let universe = source.universe, universe.isBeside(job.universe) else {
      log.error(
        at: outline.place(of: "scores"),
        "`\(scores)` scores other series than `\(name)` trades: not "
          + "\(job.universe.timeframe) of \(job.universe.venue)",
        mend: "give both the same venue and timeframe")
      return
    }
    if job.parameters.rule.weighting == .kelly,
      (source.job as? InferJob)?.calibration != .probability
    {
      log.error(
        at: outline.place(of: "weighting"),
        "`weighting: kelly` bets on the scores of `\(scores)` as probabilities, and `\(scores)` does not "
          + "hold its model to that",
        mend:
          "say `calibrated: probability` in `with` of `\(scores)`: then only a model that says so "
          + "itself is used")
    }
    if !outline.listing.ancestors.contains(scores), !outline.listing.needs.contains(scores) {
      log.warning(
        at: YAMLNode(.null, at: outline.listing.location, length: name.text.count),
        "`\(name)` does not wait for `\(scores)`: it may trade on the scores of an earlier slot",
        mend: "say `after: \(scores)`, or how old they may be: `needs: { \(scores): 20m }`")
    }
    guard let scored = universe.chosen, let traded = job.universe.chosen else { return }
    for symbol in traded where !scored.contains(symbol) {
      log.warning(
        at: outline.place(of: symbol),
        "`\(scores)` gives no score to `\(symbol)`, so `\(name)` never buys it",
        mend: "add it to the symbols of `\(scores)`")
    }
  }

  // MARK: what is traded

  private func checkBand(of job: RebalanceJob, _ outline: JobOutline) {
    let (rule, band) = (job.parameters.rule, job.parameters.band)
    // 1 / top < band, without a division that rounds: top * band > 1.
    let product: Amount
    do { product = try Amount(rule.top).multiplied(by: band) } catch {
      log.error(at: outline.place(of: "band"), "`top` times `band` does not fit: \(error)")
      return
    }
    guard product > .one else { return }
    log.warning(
      at: outline.place(of: "band"),
      "a full weight is at most 1/\(rule.top) of the equity, less than the band of \(band): "
        + "weights are then never corrected",
      mend: "lower `band`, or `top`")
  }

  /// One account is one portfolio: what two rebalances both trade, each would sell for the other.
  private func checkAccounts() {
    let trading = outlines.compactMap { outline in
      (outline.job as? RebalanceJob).map { (outline, $0) }
    }
    for (index, (outline, job)) in trading.enumerated() {
      for (other, rival) in trading[..<index] where sharesKey(job, rival) {
        log.error(
          at: outline.place(of: "account"),
          "the accounts `\(job.parameters.account)` and `\(rival.parameters.account)` trade by one key: "
            + "what is `\(other.listing.name)`'s, `\(outline.listing.name)` takes for a stranger's",
          mend: "give each a key of its own, of an account of its own there")
      }
      for (other, rival) in trading[..<index]
      where rival.parameters.account == job.parameters.account {
        let shared: String
        if job.parameters.settings.isLive {
          log.error(
            at: outline.place(of: "account"),
            "`\(outline.listing.name)` and `\(other.listing.name)` both trade the real money of the account "
              + "`\(job.parameters.account)`",
            mend: "let one rebalance trade it")
          break
        }
        if let own = job.universe.chosen, let theirs = rival.universe.chosen {
          guard let symbol = own.sorted().first(where: Set(theirs).contains) else { continue }
          shared = "`\(symbol)`"
        } else {
          shared = "all symbols of a venue"
        }
        log.error(
          at: outline.place(of: "account"),
          "`\(outline.listing.name)` and `\(other.listing.name)` both trade \(shared) on the account "
            + "`\(job.parameters.account)`: each would sell what the other buys",
          mend: "give one of them an account or symbols of its own")
        break
      }
    }
  }
}

/// Whether two rebalances of different accounts trade by the same key.
private func sharesKey(_ job: RebalanceJob, _ rival: RebalanceJob) -> Bool {
  guard job.parameters.account != rival.parameters.account,
    let own = job.parameters.settings.execution.access,
    let other = rival.parameters.settings.execution.access
  else { return false }
  return own.keyFile == other.keyFile
}

extension Universe {
  /// Whether another looks at series of the same venue and timeframe.
  fileprivate func isBeside(_ other: Universe) -> Bool {
    venue == other.venue && timeframe == other.timeframe
  }
}

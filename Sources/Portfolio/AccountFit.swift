public import Domain

/// Whether instruments suit an account: asked before anything is traded.
public enum AccountFit {
  /// The symbols that an account cannot trade, since they are paid in another asset than it counts
  /// in; sorted.
  public static func foreign(_ symbols: [Symbol], quote: String) -> [Symbol] {
    symbols.filter { $0.quote != quote }.sorted()
  }

  /// Why an account cannot trade a symbol that is paid in another asset, and what it would take.
  public static func refusal(of symbol: Symbol, account: String, quote: String) -> (
    message: String, mend: String
  ) {
    let direct = Symbol(base: symbol.base, quote: quote)?.description ?? "a pair in \(quote)"
    return (
      "\(symbol) is paid in \(symbol.quote), but account `\(account)` counts in \(quote)",
      "name \(direct), or give \(symbol) an account with `quote: \(symbol.quote)`"
    )
  }

  /// The symbols that stand more than once in a list; sorted.
  public static func duplicates(_ symbols: [Symbol]) -> [Symbol] {
    var seen: Set<Symbol> = []
    return Set(symbols.filter { !seen.insert($0).inserted }).sorted()
  }

  /// What one rebalance trades.
  public struct Claim: Hashable, Sendable {
    /// The job.
    public var job: JobName
    /// The account.
    public var account: String
    /// The venue whose instruments it trades.
    public var venue: String
    /// The symbols; nil: all that the venue has.
    public var symbols: [Symbol]?

    /// A claim of these parts.
    public init(job: JobName, account: String, venue: String, symbols: [Symbol]?) {
      self.job = job
      self.account = account
      self.venue = venue
      self.symbols = symbols
    }
  }

  /// Two rebalances that trade the same instruments of one account.
  public struct Meeting: Hashable, Sendable, CustomStringConvertible {
    /// The jobs, by name.
    public var first: JobName
    /// The other job.
    public var second: JobName
    /// The account.
    public var account: String
    /// What both trade; empty when one of them trades all.
    public var symbols: [Symbol]

    /// In words.
    public var description: String {
      let what =
        symbols.isEmpty
        ? "all instruments"
        : symbols.prefix(3).map(\.description).joined(separator: ", ")
          + (symbols.count > 3 ? " and \(symbols.count - 3) more" : "")
      return
        "jobs `\(first)` and `\(second)` both trade \(what) of account `\(account)`: "
        + "each would undo what the other does"
    }

    /// What to do about it.
    public var mend: String {
      "give each its own `symbols`, or its own `account`"
    }
  }

  /// The rebalances that meet; empty when each instrument of each account has one job at most. A
  /// symbol is one instrument whatever venue it is traded at, since the account holds it once.
  public static func meetings(_ claims: [Claim]) -> [Meeting] {
    let claims = claims.sorted { $0.job < $1.job }
    var meetings: [Meeting] = []
    for (index, claim) in claims.enumerated() {
      for other in claims[(index + 1)...] where other.account == claim.account {
        let shared: [Symbol]
        switch (claim.symbols, other.symbols) {
        case (let mine?, let theirs?):
          shared = Set(mine).intersection(theirs).sorted()
          if shared.isEmpty { continue }
        case (let some?, nil), (nil, let some?):
          if some.isEmpty { continue }
          shared = Set(some).sorted()
        case (nil, nil): shared = []
        }
        meetings.append(
          Meeting(
            first: claim.job, second: other.job, account: claim.account, symbols: shared))
      }
    }
    return meetings
  }
}

import Domain
import GRDB

/// Whether the books agree with themselves: positions and cash with what was posted, each trade with
/// its entry.
enum LedgerProof {
  /// Where they do not, in words; empty when all is as it should be.
  static func findings(_ transaction: ReadTransaction) throws -> [String] {
    var findings: [String] = []
    for account in try transaction.accounts.all() {
      findings += try transaction.entries.audit(account.name).map { "\(account.name): \($0)" }
      findings += try trades(account, transaction).map { "\(account.name): \($0)" }
    }
    return findings
  }

  /// Each trade is derived anew from its own row: what came of the base asset, what left of the quote
  /// asset, and its fee. Its entry must say the same. A fee that was told later has an entry of its own.
  private static func trades(
    _ account: Account, _ transaction: ReadTransaction
  ) throws -> [String] {
    var posted: [Entry.FillID: [Entry.Posting]] = [:]
    var lateFees: [String: [Entry.Posting]] = [:]
    for entry in try transaction.entries.range(account.name) {
      if let name = entry.fill { posted[name] = entry.postings }
      if entry.fill == nil, entry.kind == .fee { lateFees[entry.reason] = entry.postings }
    }
    var findings: [String] = []
    for record in try transaction.fills.all(account.name) {
      let fill = record.fill
      let name = Entry.FillID(order: fill.order, number: fill.trade)
      guard var postings = posted.removeValue(forKey: name) else {
        findings.append("trade \(fill.trade) of \(fill.order) has no entry")
        continue
      }
      postings += lateFees[FillRecord.lateFeeReason(fill)] ?? []
      let (derived, entered) = (try change(record), try sums(postings))
      if entered != derived {
        findings.append(
          "trade \(fill.trade) of \(fill.order): \(told(derived)) by the trade, "
            + "\(told(entered)) by its entry")
      }
    }
    for name in posted.keys.map({ "\($0.number) of \($0.order)" }).sorted() {
      findings.append("an entry tells of trade \(name), which is not there")
    }
    return findings
  }

  private static func sums(_ postings: [Entry.Posting]) throws -> [String: Amount] {
    var sums: [String: Amount] = [:]
    for posting in postings where posting.book == .held {
      sums[posting.asset] = try (sums[posting.asset] ?? .zero).adding(posting.amount)
    }
    return sums.filter { $0.value != .zero }
  }

  private static func change(_ record: FillRecord) throws -> [String: Amount] {
    let (fill, symbol) = (record.fill, record.symbol)
    let isBuy = record.side == .buy
    var change: [String: Amount] = [:]
    func add(_ asset: String, _ amount: Amount) throws {
      change[asset] = try (change[asset] ?? .zero).adding(amount)
    }
    try add(symbol.base, isBuy ? fill.quantity : try fill.quantity.negated())
    try add(symbol.quote, isBuy ? try record.value.negated() : record.value)
    if let fee = fill.fee { try add(fee.asset, try fee.amount.negated()) }
    return change.filter { $0.value != .zero }
  }

  private static func told(_ change: [String: Amount]) -> String {
    guard !change.isEmpty else { return "nothing" }
    return change.sorted { $0.key < $1.key }.map { "\($0.value) \($0.key)" }.joined(separator: ", ")
  }
}

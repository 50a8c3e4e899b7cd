import Domain
import Service
import Store

/// Shows an account's holdings to people.
struct PortfolioView {
  private let answer: PortfolioAnswer
  private var account: Account { answer.account }

  init(_ answer: PortfolioAnswer) { self.answer = answer }

  /// The decimal places that amounts of the quote asset are shown with.
  private var places: Int { account.initial < Amount(1000) ? 6 : 2 }

  /// The holdings as a table.
  var table: Table {
    var table = Table("ASSET", ">QTY", ">PRICE", ">VALUE", ">WEIGHT", ">TARGET", ">DRIFT")
    for row in answer.rows {
      let isCash = row.asset == account.quote
      table.add(
        row.asset, isCash ? "" : "\(row.quantity)",
        row.price.map { $0.formatted(places: max(places, $0 < .one ? 8 : 2)) } ?? "",
        row.value?.formatted(places: places) ?? "unknown", row.weight.map(Self.percent) ?? "",
        row.target.map(Self.percent) ?? "",
        row.target.flatMap { target in row.weight.map { Self.points($0, target) } } ?? "")
    }
    return table
  }

  /// The holdings of accounts as one table for programs: whole numbers of the books, weights as parts of
  /// one.
  static func plain(_ answers: [PortfolioAnswer]) -> Table {
    var table = Table(
      "ACCOUNT", "ASSET", ">QTY", ">PRICE", ">VALUE", "QUOTE", ">WEIGHT", ">TARGET")
    for answer in answers {
      for row in answer.rows {
        func text(_ amount: Amount?) -> String { amount.map { "\($0)" } ?? "" }
        table.add(
          answer.account.name, row.asset, "\(row.quantity)", text(row.price), text(row.value),
          answer.account.quote, text(row.weight), text(row.target))
      }
    }
    return table
  }

  /// Equity, and what it was at the start.
  var summary: String {
    guard let equity = answer.equity else {
      return "equity unknown: \(answer.unknown ?? "no valuation")"
    }
    let change =
      account.initial > .zero
      ? " (\(Self.signed((equity.double / account.initial.double - 1) * 100)) % since the start)"
      : ""
    return "equity \(equity.formatted(places: places)) \(account.quote)\(change)"
  }

  /// The fees paid so far.
  var feesText: String {
    let texts = answer.fees.sorted { $0.key < $1.key }
      .map { "\($0.value.formatted(places: places)) \($0.key)" }
    return texts.isEmpty ? "none" : texts.joined(separator: ", ")
  }

  private static func percent(_ weight: Amount) -> String {
    Amount(units: weight.units * 100).formatted(places: 1) + "%"
  }

  private static func points(_ weight: Amount, _ target: Amount) -> String {
    let drift = Amount(units: (weight.units - target.units) * 100)
    return (drift > .zero ? "+" : "") + drift.formatted(places: 1)
  }

  private static func signed(_ value: Double) -> String {
    do {
      let amount = try Amount(observed: value)
      return (value > 0 ? "+" : "") + amount.formatted(places: 2)
    } catch {
      return "\(value)"
    }
  }
}

public import Domain
import Store

extension TradeExplanation {
  /// The explanation as labelled lines, one screen of them.
  ///
  /// - Parameter time: shows an instant.
  public func lines(time: (Instant) -> String) -> [(label: String, text: String)] {
    var lines: [(String, String)] = [
      (
        "decision",
        "\(symbol) · plan \(plan.id) of account \(account) · slot \(plan.slot.job) at "
          + time(plan.slot.time)
      )
    ]
    if let prediction {
      let close = prediction.time.map { $0 + prediction.series.timeframe.span }
      if let close, let candle {
        lines.append(
          (
            "data",
            "\(prediction.series) candle closed \(time(close)), "
              + "\(plan.slot.time - close) before the slot: close \(candle.close), "
              + "volume \(candle.volume)"
          ))
      }
      if !features.isEmpty {
        lines.append(
          ("inputs", features.map { "\($0.name) \(Self.short($0.value))" }.joined(separator: " · "))
        )
      }
      let name = model.map { $0.name ?? $0.file } ?? "model"
      let hash = "sha256 \(prediction.model.prefix(12))…"
      lines.append(
        (
          "model",
          prediction.score.map { "\(name) (\(hash)) score \(Self.short($0))" }
            ?? "\(name) (\(hash)) abstained: \(prediction.reason ?? "no reason was kept")"
        ))
    } else {
      lines.append(("model", "no score of it is on record for this plan"))
    }
    lines.append(("target", "\(Self.percent(line.targetWeight)): \(line.targetReason)"))
    let limits = circumstances.filter { $0.key != "scores" }
    if !limits.isEmpty {
      lines.append(
        ("rules", limits.map { "\($0.key) \(Self.word($0.value))" }.joined(separator: " · ")))
    }
    let drift = Amount(units: line.targetWeight.units - line.weight.units)
    let decision = line.reason.map { "\(line.decision.rawValue): \($0)" } ?? line.decision.rawValue
    lines.append(
      (
        "drift",
        "\(Self.percent(line.weight)) → \(Self.percent(line.targetWeight)) = "
          + "\(drift > .zero ? "+" : "")\(Self.percent(drift)) → \(decision)"
      ))
    for traded in traded {
      let order = traded.order.order
      let limit = order.limit.map { " limit \($0)" } ?? " at the market"
      let reason = order.reason.map { " (\($0))" } ?? ""
      lines.append(
        (
          "order",
          "\(order.side) \(order.quantity)\(limit) · \(order.state)\(reason) · \(order.id)"
        ))
      for fill in traded.fills {
        let fee = fill.fill.fee.map { "fee \($0.amount) \($0.asset)" } ?? "fee not told yet"
        let realised = fill.realised == .zero ? "" : " · realised \(fill.realised)"
        lines.append(
          (
            "fill",
            "\(fill.fill.quantity) at \(fill.fill.price), worth \(fill.value), \(fee)"
              + " · \(time(fill.fill.time))\(realised)\(Self.slippage(of: fill))"
          ))
      }
    }
    if traded.isEmpty { lines.append(("order", "none")) }
    if !untouched.isEmpty {
      let shown = untouched.prefix(Self.mostUntouched)
        .map { "\($0.symbol) \($0.reason ?? "")" }.joined(separator: " · ")
      let more = untouched.count - min(untouched.count, Self.mostUntouched)
      lines.append(("not traded", more > 0 ? "\(shown) · and \(more) more" : shown))
    }
    for run in runs {
      let took = run.duration.map { " in \($0)" } ?? ""
      lines.append(
        ("run", "\(run.slot.job) at \(time(run.slot.time)) \(run.state)\(took) (\(run.id))"))
    }
    return lines
  }

  /// The explanation for machines: amounts are text.
  public var json: JSONValue {
    func text(_ amount: Amount?) -> JSONValue { amount.map { .string("\($0)") } ?? .null }
    func time(_ instant: Instant?) -> JSONValue { instant.map { .string("\($0)") } ?? .null }
    let orders = traded.map { traded in
      JSONValue.object([
        .init("id", .string(traded.order.order.id.text)),
        .init("side", .string(traded.order.order.side.rawValue)),
        .init("quantity", text(traded.order.order.quantity)),
        .init("limit", text(traded.order.order.limit)),
        .init("state", .string(traded.order.order.state.rawValue)),
        .init("reason", traded.order.order.reason.map { .string($0) } ?? .null),
        .init(
          "fills",
          .array(
            traded.fills.map { fill in
              .object([
                .init("quantity", text(fill.fill.quantity)), .init("price", text(fill.fill.price)),
                .init("value", text(fill.value)), .init("fee", text(fill.fill.fee?.amount)),
                .init("fee_asset", fill.fill.fee.map { .string($0.asset) } ?? .null),
                .init("realised", text(fill.realised)), .init("time", time(fill.fill.time)),
                .init("decision_price", text(fill.decided)),
                .init("slippage", text(fill.slippage)),
              ])
            })),
      ])
    }
    return .object([
      .init("schema", .string("carillon.why.trade/1")), .init("account", .string(account)),
      .init("symbol", .string("\(symbol)")), .init("plan", .number(plan.id)),
      .init("slot", .string("\(plan.slot)")),
      .init("score", prediction?.score.map { .number($0) } ?? .null),
      .init("abstained", prediction?.reason.map { .string($0) } ?? .null),
      .init("scored", scored.map { .string("\($0)") } ?? .null),
      .init("model", prediction.map { .string($0.model) } ?? .null),
      .init(
        "features",
        .object(features.map { .init($0.name, .number($0.value)) })),
      .init("candle", time(candle?.time)),
      .init("close", candle.map { .number($0.close) } ?? .null),
      .init("price", text(line.price)), .init("quantity", text(line.quantity)),
      .init("weight", text(line.weight)), .init("target_weight", text(line.targetWeight)),
      .init("target_reason", .string(line.targetReason)),
      .init("decision", .string(line.decision.rawValue)),
      .init("reason", line.reason.map { .string($0) } ?? .null),
      .init("rules", .object(circumstances)), .init("orders", .array(orders)),
      .init("runs", .array(runs.map { .string("\($0.slot)") })),
    ])
  }

  /// Instruments that were left alone and are named on the screen.
  private static let mostUntouched = 6

  /// How a trade lies beside the price of its decision; empty where the plan had none.
  private static func slippage(of fill: FillRecord) -> String {
    guard let decided = fill.decided, let ratio = fill.slippageRatio else { return "" }
    guard ratio != .zero else { return " · at the price of the decision" }
    let basisPoints = Amount(units: abs(ratio.units) * 10_000).formatted(places: 2)
    return " · \(basisPoints) bps \(ratio.isNegative ? "better" : "worse") than \(decided)"
  }

  private static func percent(_ weight: Amount) -> String {
    Amount(units: weight.units * 100).formatted(places: 2) + " %"
  }

  /// Six significant digits: enough to recognise a value, JSON has them all.
  private static func short(_ value: Double) -> String {
    guard value.isFinite else { return value.isNaN ? "missing" : "\(value)" }
    guard value != 0 else { return "0" }
    var scale = 1.0
    var digits = 0
    while abs(value) * scale < 100_000, digits < 12 { (scale, digits) = (scale * 10, digits + 1) }
    return "\((value * scale).rounded() / scale)"
  }

  private static func word(_ value: JSONValue) -> String { value.string ?? value.text() }
}

/// The list of all indicators.
public enum IndicatorCatalog {
  /// All indicators in the order of their names.
  public static let all: [IndicatorDefinition] = definitions.sorted { $0.name < $1.name }

  /// By `IndicatorFunction.rawValue`.
  static let definitions: [IndicatorDefinition] = IndicatorFunction.allCases.map(definition)

  private static func definition(_ function: IndicatorFunction) -> IndicatorDefinition {
    let price = [IndicatorDefinition.Input(name: "price", standard: .close)]
    let bars = inputs(.high, .low, .close)
    switch function {
    case .sma: return define("sma", "simple moving average", [period(30, 1)], price)
    case .ema: return define("ema", "exponential moving average", [period(30, 1)], price)
    case .rsi: return define("rsi", "relative strength index (Wilder)", [period(14)], price)
    case .macd:
      return define(
        "macd", "moving average convergence/divergence",
        [whole("fastperiod", 12, 2), whole("slowperiod", 26, 2), whole("signalperiod", 9, 1)],
        price, ["macd", "macdsignal", "macdhist"])
    case .atr: return define("atr", "average true range (Wilder)", [period(14, 1)], bars)
    case .trange: return define("trange", "true range", [], bars)
    case .bbands:
      return define(
        "bbands", "Bollinger bands",
        [period(5), real("nbdevup", 2), real("nbdevdn", 2), average("matype")], price,
        ["upperband", "middleband", "lowerband"])
    case .roc: return define("roc", "rate of change in percent", [period(10, 1)], price)
    }
  }

  private static func define(
    _ name: String, _ title: String, _ parameters: [IndicatorDefinition.Parameter],
    _ inputs: [IndicatorDefinition.Input], _ outputs: [String] = ["real"], version: Int = 1
  ) -> IndicatorDefinition {
    IndicatorDefinition(
      name: name, title: title, parameters: parameters, inputs: inputs, outputs: outputs,
      version: version)
  }

  private static func inputs(_ columns: Column...) -> [IndicatorDefinition.Input] {
    columns.map { IndicatorDefinition.Input(name: $0.name, standard: $0) }
  }

  private static func period(
    _ standard: Int, _ least: Int = 2
  ) -> IndicatorDefinition.Parameter { whole("timeperiod", standard, least) }

  private static func whole(
    _ name: String, _ standard: Int, _ least: Int
  ) -> IndicatorDefinition.Parameter {
    IndicatorDefinition.Parameter(
      name: name, standard: Double(standard),
      kind: .whole(least...IndicatorDefinition.largestWindow))
  }

  private static func real(
    _ name: String, _ standard: Double, _ range: ClosedRange<Double> = -1e6...1e6
  ) -> IndicatorDefinition.Parameter {
    IndicatorDefinition.Parameter(name: name, standard: standard, kind: .real(range))
  }

  private static func average(_ name: String) -> IndicatorDefinition.Parameter {
    IndicatorDefinition.Parameter(name: name, standard: 0, kind: .average)
  }
}

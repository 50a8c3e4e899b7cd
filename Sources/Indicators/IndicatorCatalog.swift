/// The list of all indicators.
public enum IndicatorCatalog {
  /// All indicators in the order of their names.
  public static let all: [IndicatorDefinition] = definitions.sorted { $0.name < $1.name }

  /// By `IndicatorFunction.rawValue`.
  static let definitions: [IndicatorDefinition] = IndicatorFunction.allCases.map(definition)

  private static let price = [IndicatorDefinition.Input(name: "price", standard: .close)]
  private static let pair = [
    IndicatorDefinition.Input(name: "price0", standard: .high),
    IndicatorDefinition.Input(name: "price1", standard: .low),
  ]
  private static let range = inputs(.high, .low)
  private static let bars = inputs(.high, .low, .close)
  private static let volume = inputs(.volume)

  /// Names, defaults, ranges and inputs as in TA-Lib where it has the function.
  private static func definition(_ function: IndicatorFunction) -> IndicatorDefinition {
    switch function {
    case .sma:
      define("sma", "simple moving average", [period(30)], price)
    case .ema:
      define("ema", "exponential moving average", [period(30)], price)
    case .wma:
      define("wma", "weighted moving average", [period(30)], price)
    case .dema:
      define("dema", "double exponential moving average", [period(30)], price)
    case .tema:
      define("tema", "triple exponential moving average", [period(30)], price)
    case .trima:
      define("trima", "triangular moving average", [period(30)], price)
    case .kama:
      define("kama", "Kaufman's adaptive moving average", [period(30, 2)], price)
    case .t3:
      define("t3", "Tillson's moving average", [period(5), real("vfactor", 0.7, 0...1)], price)
    case .hma:
      define("hma", "Hull's moving average", [period(20, 2)], price)
    case .vwap:
      define("vwap", "volume-weighted average price from the first candle on", [], bars + volume)
    case .vwapDaily:
      define(
        "vwap_daily", "volume-weighted average price of the day (UTC)", [],
        inputs(.hlc3, .volume, .time))
    case .rsi:
      define("rsi", "relative strength index", [period(14, 2)], price)
    case .stoch:
      define(
        "stoch", "stochastic oscillator",
        [
          whole("fastk_period", 5), whole("slowk_period", 3), average("slowk_matype"),
          whole("slowd_period", 3), average("slowd_matype"),
        ], bars, ["slowk", "slowd"])
    case .stochf:
      define(
        "stochf", "fast stochastic oscillator",
        [whole("fastk_period", 5), whole("fastd_period", 3), average("fastd_matype")], bars,
        ["fastk", "fastd"])
    case .stochrsi:
      define(
        "stochrsi", "stochastic oscillator of the relative strength index",
        [
          period(14, 2), whole("fastk_period", 5), whole("fastd_period", 3),
          average("fastd_matype"),
        ], price, ["fastk", "fastd"])
    case .macd:
      define(
        "macd", "moving average convergence/divergence",
        [whole("fastperiod", 12, 2), whole("slowperiod", 26, 2), whole("signalperiod", 9)], price,
        ["macd", "macdsignal", "macdhist"])
    case .ppo:
      define(
        "ppo", "percentage price oscillator",
        [whole("fastperiod", 12, 2), whole("slowperiod", 26, 2), average("matype", 1)], price)
    case .apo:
      define(
        "apo", "absolute price oscillator",
        [whole("fastperiod", 12, 2), whole("slowperiod", 26, 2), average("matype", 1)], price)
    case .cci:
      define("cci", "commodity channel index", [period(14, 2)], bars)
    case .cmo:
      define("cmo", "Chande's momentum oscillator", [period(14, 2)], price)
    case .mfi:
      define("mfi", "money flow index", [period(14, 2)], bars + volume, version: 2)
    case .adx:
      define("adx", "average directional index", [period(14, 2)], bars)
    case .adxr:
      define("adxr", "average directional index rating", [period(14, 2)], bars)
    case .plusDi:
      define("plus_di", "upward directional indicator", [period(14)], bars)
    case .minusDi:
      define("minus_di", "downward directional indicator", [period(14)], bars)
    case .plusDm:
      define("plus_dm", "upward directional movement", [period(14)], range)
    case .minusDm:
      define("minus_dm", "downward directional movement", [period(14)], range)
    case .dx:
      define("dx", "directional index", [period(14, 2)], bars)
    case .aroon:
      define("aroon", "Aroon", [period(14, 2)], range, ["aroondown", "aroonup"])
    case .aroonosc:
      define("aroonosc", "Aroon oscillator", [period(14, 2)], range)
    case .bop:
      define("bop", "balance of power", [], inputs(.open, .high, .low, .close))
    case .mom:
      define("mom", "momentum", [period(10)], price)
    case .roc:
      define("roc", "rate of change in percent", [period(10)], price)
    case .rocp:
      define("rocp", "rate of change as a fraction", [period(10)], price)
    case .willr:
      define("willr", "Williams' %R", [period(14, 2)], bars)
    case .trix:
      define("trix", "change of the triple exponential average in percent", [period(30)], price)
    case .ultosc:
      define(
        "ultosc", "ultimate oscillator",
        [whole("timeperiod1", 7), whole("timeperiod2", 14), whole("timeperiod3", 28)], bars)
    case .atr:
      define("atr", "average true range", [period(14)], bars)
    case .natr:
      define("natr", "average true range in percent", [period(14)], bars)
    case .trange:
      define("trange", "true range", [], bars)
    case .bbands:
      define(
        "bbands", "Bollinger bands",
        [period(20, 2), real("nbdevup", 2), real("nbdevdn", 2), average("matype")], price,
        ["upperband", "middleband", "lowerband"])
    case .keltner:
      define(
        "keltner", "Keltner channel", [period(20, 2), whole("atrperiod", 10), real("nbdev", 2)],
        bars, ["upperband", "middleband", "lowerband"])
    case .donchian:
      define(
        "donchian", "Donchian channel", [period(20, 2)], range,
        ["upperband", "middleband", "lowerband"])
    case .stddev:
      define("stddev", "standard deviation", [period(5, 2), real("nbdev", 1)], price)
    case .variance:
      define("var", "variance", [period(5), real("nbdev", 1)], price)
    case .obv:
      define("obv", "on balance volume", [], price + volume)
    case .ad:
      define("ad", "accumulation/distribution line", [], bars + volume)
    case .adosc:
      define(
        "adosc", "accumulation/distribution oscillator",
        [whole("fastperiod", 3, 2), whole("slowperiod", 10, 2)], bars + volume)
    case .sar:
      define(
        "sar", "parabolic stop and reverse",
        [real("acceleration", 0.02, 0...1e6), real("maximum", 0.2, 0...1e6)], range)
    case .linearreg:
      define("linearreg", "line of least squares at its end", [period(14, 2)], price)
    case .linearregSlope:
      define("linearreg_slope", "slope of the line of least squares", [period(14, 2)], price)
    case .linearregAngle:
      define(
        "linearreg_angle", "angle of the line of least squares in degrees", [period(14, 2)], price)
    case .linearregIntercept:
      define("linearreg_intercept", "line of least squares at its start", [period(14, 2)], price)
    case .tsf:
      define("tsf", "line of least squares one candle ahead", [period(14, 2)], price)
    case .beta:
      define("beta", "beta of two columns' changes", [period(5)], pair)
    case .correl:
      define("correl", "correlation of two columns", [period(30)], pair, version: 2)
    case .min:
      define("min", "smallest value", [period(30, 2)], price)
    case .max:
      define("max", "largest value", [period(30, 2)], price)
    case .sum:
      define("sum", "sum", [period(30, 2)], price)
    case .midpoint:
      define("midpoint", "middle of the smallest and largest value", [period(14, 2)], price)
    case .midprice:
      define("midprice", "middle of the lowest low and highest high", [period(14, 2)], range)
    case .supertrend:
      define(
        "supertrend", "SuperTrend", [period(10, 2), real("multiplier", 3, 0...1e6)], bars,
        ["supertrend", "trend"])
    case .ichimoku:
      define(
        "ichimoku", "Ichimoku cloud",
        [whole("tenkan", 9), whole("kijun", 26), whole("senkou", 52), whole("displacement", 26)],
        range, ["tenkan", "kijun", "senkoua", "senkoub"])
    case .logret:
      define("logret", "logarithmic return", [period(1)], price)
    case .realvol:
      define("realvol", "realised volatility", [period(20)], price)
    case .zscore:
      define(
        "zscore", "distance from the mean in standard deviations", [period(20, 2)], price,
        version: 2)
    case .rank:
      define("rank", "rank among the last values", [period(20)], price)
    case .hour:
      define("hour", "hour of the day (UTC), 0 to 23", [], inputs(.time))
    case .weekday:
      define("weekday", "day of the week (UTC), 0 for Monday", [], inputs(.time))
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
    _ standard: Int, _ least: Int = 1
  ) -> IndicatorDefinition.Parameter { whole("timeperiod", standard, least) }

  private static func whole(
    _ name: String, _ standard: Int, _ least: Int = 1
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

  private static func average(
    _ name: String, _ standard: Double = 0
  ) -> IndicatorDefinition.Parameter {
    IndicatorDefinition.Parameter(name: name, standard: standard, kind: .average)
  }
}

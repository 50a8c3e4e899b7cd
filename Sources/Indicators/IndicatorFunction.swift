/// Every indicator, by the name that it has in the catalogue.
enum IndicatorFunction: UInt8, CaseIterable, Sendable {
  case sma, ema, wma, dema, tema, trima, kama, t3, hma, vwap, vwapDaily, rsi, stoch, stochf,
    stochrsi, macd, ppo, apo, cci, cmo, mfi, adx, adxr, plusDi, minusDi, plusDm, minusDm, dx,
    aroon, aroonosc, bop, mom, roc, rocp, willr, trix, ultosc, atr, natr, trange, bbands,
    keltner, donchian, stddev, variance, obv, ad, adosc, sar, linearreg, linearregSlope,
    linearregAngle, linearregIntercept, tsf, beta, correl, min, max, sum, midpoint, midprice,
    supertrend, ichimoku, logret, realvol, zscore, rank, hour, weekday

  /// What the catalogue knows of it.
  var definition: IndicatorDefinition { IndicatorCatalog.definitions[Int(rawValue)] }

  init?(name: String) {
    guard let function = Self.byName[Self.aliases[name] ?? name] else { return nil }
    self = function
  }

  /// Names that TA-Lib has for what is commonly called otherwise.
  private static let aliases = ["kc": "keltner"]

  private static let byName = Dictionary(
    uniqueKeysWithValues: allCases.map { ($0.definition.name, $0) })
}

/// One use of an indicator: two uses with the same arguments are one computation.
struct IndicatorCall: Hashable, Sendable {
  var function: IndicatorFunction
  var arguments: Arguments
  var columns: [Column]

  var canonicalText: String { function.definition.canonicalText(arguments, columns) }
}

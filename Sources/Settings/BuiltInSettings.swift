/// The settings that hold where there is no `carillon.yaml`: a simulated market and a paper account,
/// so that Carillon runs with no preparation, no key and no network.
public enum BuiltInSettings {
  /// What messages call the file.
  public static let name = "the built-in settings"

  /// The text, as a file would have it.
  public static let text = """
    version: 1
    mode: paper
    database: { path: carillon.db }
    venues:
      simulated: { kind: simulated, seed: 1 }
    accounts:
      main: { quote: USDT, cash: "10000", fee-bps: 10, slippage-bps: 5 }
    market:
      venue: simulated
      symbols: all
      timeframe: 1h
      features:
        momentum: roc(24)
        strength: rsi(14)
        trend: ema(12) / ema(26)
        volatility: stddev(20) / sma(20)
    defaults:
      infer: { model: "builtin:momentum" }
      rebalance: { top: 3, weighting: score, max-weight: 0.4, cash-buffer: 0.05, band: 0.1 }
    """
}

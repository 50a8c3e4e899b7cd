/// The files that `carillon init` writes, commented for a newcomer.
enum InitTemplates {
  /// `carillon.yaml`
  static let settings = """
    # Carillon's settings: what is traded, with which money, from which data. When jobs run is in
    # schedules/carillon.yaml. Every value can also be given by an environment variable: CARILLON_ and
    # the keys in capitals, `__` between them, `_` for `-`: CARILLON_WEB__PORT=9000.
    version: 1

    # paper: orders are filled by Carillon from candles. Real money: docs/how-to/go-live.md.
    mode: paper

    # One SQLite file holds everything. Relative paths start from this file's folder.
    database: { path: carillon.db }

    # Where candles come from. `csv` reads BASE_QUOTE_TIMEFRAME.csv from a folder; `simulated` is a
    # seeded random market, for trying things out without a network.
    venues:
      binance: { kind: binance } # Binance Spot's public data: no key, no account
      #files:     { kind: csv, path: candles }
      #simulated: { kind: simulated, seed: 1 }

    # Portfolios. On paper each starts with this cash and pays these costs, in hundredths of a percent.
    accounts:
      main: { quote: USDT, cash: "10000", fee-bps: 10, slippage-bps: 5 }

    # What the jobs look at. A job's own `with:` in the schedules file overrides it.
    market:
      venue: binance
      symbols: [BTC-USDT, ETH-USDT, SOL-USDT, BNB-USDT, LTC-USDT]
      timeframe: 1h
      # Features by name, each an expression over closed candles. A model refers to these names.
      # `carillon indicators list` shows all functions.
      features:
        momentum: roc(24) # rate of change over 24 candles, in percent
        strength: rsi(14) # Wilder's relative strength index
        trend: ema(12) / ema(26) # above 1 when the last candles are above the longer average
        volatility: stddev(20) / sma(20)

    # Parameters of each kind of job.
    defaults:
      fetch: { history: 60d } # how far back the first fetch reaches
      infer: { model: models/momentum.json } # an example, fitted to nothing: bring your own
      rebalance:
        top: 3 # hold at most the three best scores,
        weighting: equal # each with the same weight (or `score`: in proportion)
        max-weight: 0.3 # no more than 30 % in one name
        cash-buffer: 0.05 # 5 % stay in cash
        band: 0.02 # drift up to 2 % of the equity is left alone
      snapshot: { keep: { latest: 3, daily: 14, monthly: 12 } }

    # Probes and metrics: /livez /readyz /health /metrics.
    web: { bind: 127.0.0.1, port: 8787 }

    # text on a terminal, json otherwise, unless `format` says which.
    log: { level: info }

    """

  /// `schedules/carillon.yaml`
  static let schedules = """
    # yaml-language-server: $schema=./schemas/schedules.schema.json
    # What runs when. A running carillon notices an edit of this file by itself; one with a mistake is
    # refused, and the schedule before it stays. `carillon schedule check` tells, before you save.
    version: 1
    timezone: UTC
    jobs:
      # A minute after each hourly candle has closed.
      fetch: { cron: "1 * * * *", retry: { max: 3, backoff: 10s..2m } }
      # Each follows the one before, at the same slot, when that has succeeded.
      compute: { after: fetch }
      infer: { after: compute }
      # Never trades on scores older than 20 minutes, and never late: a missed slot stays missed.
      rebalance: { after: infer, needs: { infer: 20m } }
      # A verified, compressed copy of the database, every night.
      snapshot: { cron: "30 3 * * *" }
      # Runs and scores of more than a year go, unless something was traded by them.
      prune: { cron: "50 3 * * *" }

    """

  /// `.env`, for Docker Compose.
  static let environment = """
    # Read by Docker Compose. Nothing here is secret yet: paper trading needs no keys.
    # How long a stop may take: a job in flight finishes first. Compose and Carillon share it.
    CARILLON_STOP_GRACE=6m
    #CARILLON_LOG__LEVEL=debug

    """
}

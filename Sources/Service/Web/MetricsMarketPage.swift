import Domain
import Net
import Store

// What metrics tell of candles, models and exchanges.
extension MetricsFacts {
  func market(_ text: inout MetricsText) {
    tell(
      "carillon_candle_last_close_timestamp_seconds",
      "When the newest candle of a series closed.", &text
    ) { $0.lastClose.map { MetricValue($0) } }
    tell(
      "carillon_candle_age_intervals",
      "How long ago the newest candle of a series closed, in its intervals of the market's time.",
      &text
    ) { $0.age.map { MetricValue($0) } }
    tell(
      "carillon_candle_gaps",
      "Candles that are missing among the newest \(MetricsReading.gapWindowCandles) of a series.",
      &text
    ) { $0.missing.map { MetricValue($0) } }
    tell(
      "carillon_candle_close_price",
      "What the newest candle of a series closed at, in the quote asset.", &text
    ) { $0.price.map { MetricValue($0) } }
  }

  /// A gauge of each series of which the figure is known.
  private func tell(
    _ name: String, _ help: String, _ text: inout MetricsText,
    _ figure: (SeriesFigures) -> MetricValue?
  ) {
    text.begin(name, .gauge, help)
    for figures in series {
      guard let value = figure(figures) else { continue }
      text.add(
        value,
        [
          "venue": figures.series.venue, "symbol": "\(figures.series.symbol)",
          "interval": "\(figures.series.timeframe)",
        ])
    }
  }

  func inference(_ text: inout MetricsText) {
    text.begin(
      "carillon_model_info", .info, "The model of a job's newest scores; always 1.")
    for job in jobs {
      guard let model = job.model else { continue }
      text.add(
        MetricValue(1),
        ["job": job.name, "kind": model.kind, "name": model.name, "sha256": model.sha256])
    }
    text.begin("carillon_signal_score", .gauge, "The newest score of a symbol.")
    for job in jobs {
      for (symbol, score) in job.scores {
        text.add(MetricValue(score), ["job": job.name, "symbol": symbol.description])
      }
    }
    text.begin(
      "carillon_inference_duration_seconds", .histogram,
      "How long a model took to score all symbols of a slot, since this process started.")
    for job in jobs {
      if let scoring = job.runs?.scoring, scoring.count > 0 {
        text.add(scoring, ["job": job.name])
      }
    }
  }

  func exchanges(_ text: inout MetricsText) {
    let calls = calls.sorted { $0.key < $1.key }
    text.begin(
      "carillon_exchange_requests_total", .counter,
      "Requests to a venue, by what became of them, since this process started.")
    for (call, figures) in calls {
      for result in ExchangeMeter.Result.allCases {
        guard let count = figures.results[result] else { continue }
        text.add(
          MetricValue(count),
          ["venue": call.venue, "endpoint": call.endpoint, "result": result.rawValue])
      }
    }
    text.begin(
      "carillon_exchange_request_duration_seconds", .histogram,
      "How long requests to a venue took, from sending to the end of the answer.")
    for (call, figures) in calls {
      text.add(figures.durations, ["venue": call.venue, "endpoint": call.endpoint])
    }
    text.begin(
      "carillon_exchange_clock_skew_seconds", .gauge,
      "How far the clock of this machine is ahead of a venue's at least, by the dates of its answers."
    )
    for (venue, skew) in skews.sorted(by: { $0.key < $1.key }) {
      text.add(MetricValue(seconds: skew), ["venue": venue])
    }
  }
}

import Domain
import Net
import Store

// What metrics tell of candles, models and exchanges.
extension MetricsFacts {
  func market(_ text: inout MetricsText) {
    text.begin(
      "carillon_candle_last_close_timestamp_seconds", .gauge,
      "When the newest candle of a series closed.")
    for figures in series {
      guard let close = figures.lastClose else { continue }
      text.add(
        MetricValue(close),
        [
          "venue": figures.series.venue, "symbol": "\(figures.series.symbol)",
          "interval": "\(figures.series.timeframe)",
        ])
    }
    text.begin(
      "carillon_candle_age_intervals", .gauge,
      "How long ago the newest candle of a series closed, in its intervals of the market's time.")
    for figures in series {
      guard let age = figures.age else { continue }
      text.add(
        MetricValue(age),
        [
          "venue": figures.series.venue, "symbol": "\(figures.series.symbol)",
          "interval": "\(figures.series.timeframe)",
        ])
    }
    text.begin(
      "carillon_candle_gaps", .gauge,
      "Candles that are missing among the newest \(MetricsReading.gapWindowCandles) of a series.")
    for figures in series {
      guard let missing = figures.missing else { continue }
      text.add(
        MetricValue(missing),
        [
          "venue": figures.series.venue, "symbol": "\(figures.series.symbol)",
          "interval": "\(figures.series.timeframe)",
        ])
    }
    text.begin(
      "carillon_candle_close_price", .gauge,
      "What the newest candle of a series closed at, in the quote asset.")
    for figures in series {
      guard let price = figures.price else { continue }
      text.add(
        MetricValue(price),
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

import Dashboard
import Domain
import Scheduler
import Store

// How figures and states look on pages.
extension Amount {
  /// With two decimals, more for what is small.
  var onPage: String {
    formatted(places: self < .one && self > .zero ? 6 : 2)
  }

  /// A weight in percent: `45.6%`.
  var percentOnPage: String { Amount(units: units * 100).formatted(places: 1) + "%" }
}

extension Double {
  /// A ratio in percent with its sign: `+0.42%`.
  var changeOnPage: String { (self > 0 ? "+" : "") + percentOnPage }

  /// A ratio in percent: `1.80%`.
  var percentOnPage: String { "\((self * 100).fixed(2))%" }

  /// With so many decimals; what is no number as it is.
  func fixed(_ places: Int) -> String {
    guard isFinite else { return "\(self)" }
    do {
      return try Amount(observed: self).formatted(places: places)
    } catch {
      return "\(self)"
    }
  }

  /// A price or a feature: six significant digits.
  var short: String {
    guard isFinite, self != 0 else { return "\(self)" }
    var (places, size) = (5, magnitude)
    while size >= 10, places > 0 { (size, places) = (size / 10, places - 1) }
    while size < 1, places < 12 { (size, places) = (size * 10, places + 1) }
    return fixed(places)
  }
}

extension RunState {
  var standing: Standing {
    switch self {
    case .succeeded: .good
    case .failed, .timedOut: .bad
    case .missed: .warning
    case .skipped, .coalesced: .quiet
    case .running, .deferred, .interrupted: .pending
    }
  }

  var shown: HTML { standing.shown(rawValue) }
}

extension JobHealth.State {
  var standing: Standing {
    switch self {
    case .up: .good
    case .down: .bad
    case .late: .warning
    case .paused, .new: .quiet
    case .running: .pending
    }
  }

  var shown: HTML { standing.shown(rawValue) }
}

extension HealthCheck.Status {
  var standing: Standing {
    switch self {
    case .pass: .good
    case .warn: .warning
    case .fail: .bad
    }
  }

  var shown: HTML { standing.shown(rawValue) }
}

extension OrderState {
  var standing: Standing {
    switch self {
    case .filled: .good
    case .rejected: .bad
    case .unknown: .warning
    case .cancelled, .expired: .quiet
    case .planned, .intent, .sent, .open: .pending
    }
  }

  var shown: HTML { standing.shown(rawValue) }
}

extension HTML {
  /// A link to a page of one thing, whose name is put into the address as it must be.
  static func link(_ folder: String, _ name: String, _ words: String? = nil) -> HTML {
    "<a href=\"\(folder)/\(PercentEncoding.encoded(name, .path))\">\(words ?? name)</a>"
  }
}

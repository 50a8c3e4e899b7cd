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

extension TimeSpan {
  /// The largest unit alone: `6d`, `53m`, `4s`.
  var coarse: String {
    let seconds = milliseconds / 1000
    if seconds.magnitude >= 2 * 86_400 { return "\(seconds / 86_400)d" }
    if seconds.magnitude >= 2 * 3600 { return "\(seconds / 3600)h" }
    if seconds.magnitude >= 120 { return "\(seconds / 60)m" }
    return "\(seconds)s"
  }
}

extension HTML {
  /// A link to a page of one thing, whose name is put into the address as it must be.
  static func link(_ folder: String, _ name: String, _ words: String? = nil) -> HTML {
    "<a href=\"\(folder)/\(PathPart.encoded(name))\">\(words ?? name)</a>"
  }
}

/// A part of an address.
enum PathPart {
  /// A text with everything but letters, digits and `-._~@:` written as `%XX`.
  static func encoded(_ text: String) -> String {
    text.utf8.map { byte -> String in
      switch byte {
      case 0x30...0x39, 0x41...0x5A, 0x61...0x7A, 0x2D, 0x2E, 0x5F, 0x7E, 0x40, 0x3A:
        return String(UnicodeScalar(byte))
      default:
        let digits = String(byte, radix: 16, uppercase: true)
        return "%" + (digits.count < 2 ? "0" + digits : digits)
      }
    }.joined()
  }

  /// The text of a part of an address; what is no code of a byte stays as it is.
  static func decoded(_ part: String) -> String {
    var bytes: [UInt8] = []
    var rest = Array(part.utf8)[...]
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2,
        let code = UInt8(String(decoding: rest.prefix(2), as: UTF8.self), radix: 16)
      {
        bytes.append(code)
        rest = rest.dropFirst(2)
      } else {
        bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }
}

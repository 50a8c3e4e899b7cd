import Domain
import Net

/// An answer of Kraken: the status is 200 whatever became of the request, and errors are texts.
struct KrakenReply {
  /// The largest answer that is read, in bytes.
  static let maximumBytes = 16 << 20

  /// What went wrong: `EOrder:Insufficient funds`.
  let errors: [String]
  /// What was asked for.
  let result: JSONValue?

  /// Reads a body. - Throws: `KrakenReply.Defect` for anything but Kraken's frame.
  init(_ body: [UInt8]) throws(Defect) {
    let value: JSONValue
    do throws(JSONSyntaxError) {
      var limits = JSONValue.Limits()
      limits.maximumBytes = Self.maximumBytes
      value = try JSONValue.parse(body, limits: limits)
    } catch {
      throw Defect("it is not JSON: \(error)")
    }
    guard let list = value["error"]?.array else { throw Defect("it has no list of errors") }
    let texts = list.compactMap(\.string)
    guard texts.count == list.count, texts.allSatisfy({ !$0.isEmpty }) else {
      throw Defect("an error of it is no text")
    }
    // What begins with W is a warning, and the request was done all the same.
    errors = texts.filter { !$0.hasPrefix("W") }
    result = value["result"].flatMap { $0 == .null ? nil : $0 }
    guard !errors.isEmpty || result != nil else { throw Defect("it has neither error nor result") }
  }

  /// Why a body is no answer of Kraken.
  struct Defect: Error {
    let cause: String
    init(_ cause: String) { self.cause = cause }
  }
}

/// An error of Kraken as a fault.
///
/// Source: docs.kraken.com, "Errors".
struct KrakenError {
  /// The text, cut to a line.
  let text: String
  let place: String

  init(_ text: String, to request: HTTPRequest) {
    self.text = String(text.prefix(200))
    place = request.place
  }

  /// What it means for the one who asked.
  var fault: Fault {
    switch text {
    case _ where text.hasPrefix("EQuery:Unknown asset pair"):
      fault(remedy: "check the symbols in the configuration: BASE-QUOTE, as in BTC-USD", .data)
    case _ where text.hasPrefix("EAPI:Rate limit exceeded"),
      _ where text.hasPrefix("EOrder:Rate limit exceeded"),
      _ where text.hasPrefix("EService:Throttled"),
      _ where text.hasPrefix("EGeneral:Temporary lockout"):
      fault(
        remedy: "wait, and ask for fewer symbols or less often", .tryAgain, isTransient: true)
    case _ where text.hasPrefix("EAPI:Invalid nonce"):
      fault(
        remedy: "give each program a key of its own: another one counts further with this key",
        .tryAgain, isTransient: true)
    case _ where text.hasPrefix("EAPI:Invalid key"),
      _ where text.hasPrefix("EAPI:Invalid signature"):
      fault(remedy: "check that key and secret belong together, and that the key stands", .refused)
    case _ where text.hasPrefix("EGeneral:Permission denied"),
      _ where text.hasPrefix("EAccount:Invalid permissions"):
      fault(
        remedy:
          "give the key what it needs: query funds, orders and trades; create and cancel orders",
        .refused)
    case _ where text.hasPrefix("EService:"), _ where text.hasPrefix("EGeneral:Internal error"):
      fault(remedy: "wait; the fault is on the other side", .unavailable, isTransient: true)
    default:
      fault(remedy: "check that the address is that of a Kraken Spot interface", .unavailable)
    }
  }

  private func fault(remedy: String, _ exit: ExitCode, isTransient: Bool = false) -> Fault {
    Fault(
      "ask", place, cause: text, remedy: remedy, exit: exit, isTransient: isTransient)
  }
}

import Domain
import Exchange
import Net

/// What an answer to an order's request means: the one question is whether it may have had an effect.
///
/// Source: github.com/binance/binance-spot-api-docs, `errors.md` and `rest-api.md`, "HTTP Return
/// Codes": a 5xx "must NOT be treated as a failure", its status is unknown.
enum BinanceVerdict {
  /// It was done, and this is the answer.
  case done(JSONValue)
  /// It was not done, and never will be.
  case refused(Reason)
  /// The matching engine did not take it. Where something between has repeated the request, the first one
  /// may stand.
  case declined(Reason)
  /// It was not done, and may be sent again.
  case notDone(Fault)
  /// It was not done, since it came too late or too early by the venue's clock; it may be sent again once
  /// that clock was read anew.
  case outsideOfWindow(Fault)
  /// An order of this id is open already.
  case duplicate
  /// There is no such order, or none that is open.
  case noOrder
  /// It may have been done.
  case unknown(String)

  private static let duplicateText = "Duplicate order sent."

  /// What became of a request.
  init(_ outcome: HTTPOutcome, to request: HTTPRequest) {
    switch outcome {
    case .refused(let fault), .notSent(let fault): self = .notDone(fault)
    case .unanswered(let fault): self = .unknown(fault.cause)
    case .answered(let response): self.init(response, to: request)
    }
  }

  private init(_ response: HTTPResponse, to request: HTTPRequest) {
    if response.status == 200 {
      do {
        self = .done(try JSONValue.parse(response.body))
      } catch {
        // It was taken; what the answer would have said must be asked.
        self = .unknown("the answer is not JSON: \(error)")
      }
      return
    }
    let error = BinanceError(response, to: request)
    let told = error.told
    switch (response.status, error.code) {
    case (429, _), (418, _), (403, _), (451, _): self = .notDone(error.fault)
    case (500..., _), (..<400, _): self = .unknown(told)
    // No answer of Binance: something between has spoken, and may have passed the request on.
    case (_, nil): self = .unknown(told)
    // Disconnected, unauthorised by an internal fault, unexpected answer, time-out, busy: their texts
    // promise nothing.
    case (_, -1000), (_, -1001), (_, -1006), (_, -1007), (_, -1008): self = .unknown(told)
    // Too many requests or orders, shutting down.
    case (_, -1003), (_, -1015), (_, -1016): self = .notDone(error.transientFault)
    case (_, -1021): self = .outsideOfWindow(error.transientFault)
    case (_, -2010) where error.message == Self.duplicateText: self = .duplicate
    case (_, -2010): self = .declined(Self.reason(-2010, error.message))
    case (_, -2011), (_, -2013): self = .noOrder
    case (_, let code?): self = .refused(Self.reason(code, error.message))
    }
  }

  /// Why an order was refused, in the words of every venue where there are some.
  private static func reason(_ code: Int64, _ message: String) -> Reason {
    switch (code, message) {
    case (-1121, _): .unknownContract
    case (-2010, "Market is closed."): .marketClosed
    case (-2010, "Order would immediately match and take."): .wouldTrade
    default: .other(message.isEmpty ? "refused (\(code))" : "\(message) (\(code))")
    }
  }
}

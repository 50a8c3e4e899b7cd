import Domain
import Exchange
import Net

/// What an answer to a private call means: the one question is whether it may have had an effect.
///
/// Only texts that Kraken documents are believed to refuse: any other leaves the request in doubt.
///
/// Source: docs.kraken.com, "Errors"; github.com/krakenfx/api-specs, spot-rest.
enum KrakenVerdict {
  /// It was done, and this is the answer.
  case done(JSONValue)
  /// It was not done, and never will be.
  case refused(Reason, Fault)
  /// It was not done, and may be sent again.
  case notDone(Fault)
  /// It came after the time that it was valid for by the venue's clock.
  case tooLate(Fault)
  /// Its nonce was used before: by another program, or by the same request that something between has
  /// repeated; then the first one stands.
  case staleNonce(Fault)
  /// There is no such order, or none that is open.
  case noOrder
  /// It may have been done.
  case unknown(String)

  /// What became of a request.
  init(_ outcome: HTTPOutcome, to request: HTTPRequest) {
    switch outcome {
    case .refused(let fault), .notSent(let fault): self = .notDone(fault)
    case .unanswered(let fault): self = .unknown(fault.cause)
    case .answered(let response): self.init(response, to: request)
    }
  }

  private init(_ response: HTTPResponse, to request: HTTPRequest) {
    guard response.status == 200 else {
      let told = "HTTP \(response.status)"
      // Nobody but the front says so, before anything was passed on.
      guard [403, 418, 429, 451].contains(response.status) else {
        self = .unknown(told)
        return
      }
      self = .notDone(
        Fault(
          "ask", request.place, cause: told, remedy: "wait, and ask less often", exit: .tryAgain,
          isTransient: true))
      return
    }
    do throws(KrakenReply.Defect) {
      let reply = try KrakenReply(response.body)
      switch (reply.errors.first, reply.result) {
      case (nil, let result?): self = .done(result)
      case (nil, nil): self = .unknown("the answer has no result")
      case (_?, _?): self = .unknown("the answer has both an error and a result")
      case (let error?, nil):
        self = Self.verdict(KrakenError(error, to: request), all: reply.errors)
      }
    } catch {
      // It was taken; what the answer would have said must be asked.
      self = .unknown(error.cause)
    }
  }

  private static func verdict(_ error: KrakenError, all: [String]) -> KrakenVerdict {
    // One reason among several that is not known leaves everything open.
    guard all.allSatisfy({ kind(of: $0) != nil }), let kind = kind(of: error.text) else {
      return .unknown(error.text)
    }
    switch kind {
    case .refused(let reason): return .refused(reason, error.fault)
    case .notDone: return .notDone(error.fault)
    case .tooLate: return .tooLate(error.fault)
    case .staleNonce: return .staleNonce(error.fault)
    case .noOrder: return .noOrder
    }
  }

  private enum Kind {
    case refused(Reason)
    case notDone
    case tooLate
    case staleNonce
    case noOrder
  }

  /// What a documented text means; nil for any other.
  private static func kind(of text: String) -> Kind? {
    switch text {
    case "EQuery:Unknown asset pair": .refused(.unknownContract)
    case "EService:Market in cancel_only mode", "EService:Market in post_only mode":
      .refused(.marketClosed)
    case "EOrder:Post only order": .refused(.wouldTrade)
    case "EOrder:Unknown order", "EOrder:Invalid order": .noOrder
    case "EAPI:Invalid nonce": .staleNonce
    case "EService:Deadline elapsed": .tooLate
    case "EAPI:Rate limit exceeded", "EOrder:Rate limit exceeded", "EGeneral:Temporary lockout":
      .notDone
    case _ where text.hasPrefix("EService:Throttled:") || text == "EService:Throttled": .notDone
    case _ where refusals.contains(text) || prefixes.contains(where: text.hasPrefix):
      .refused(.other(text))
    default: nil
    }
  }

  private static let refusals: Set<String> = [
    "EOrder:Insufficient funds", "EOrder:Order minimum not met", "EOrder:Cost minimum not met",
    "EOrder:Tick size check failed", "EOrder:Invalid price", "EOrder:Orders limit exceeded",
    "EOrder:Trading agreement required", "EGeneral:Invalid arguments", "EGeneral:Permission denied",
    "EGeneral:Unknown method", "EAPI:Invalid key", "EAPI:Invalid signature",
    "EAPI:Feature disabled",
    "EAccount:Invalid permissions", "EQuery:Unknown asset",
  ]
  private static let prefixes = [
    "EOrder:Invalid price:", "EGeneral:Invalid arguments:", "EAccount:Invalid permissions:",
  ]
}

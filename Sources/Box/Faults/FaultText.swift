import Domain

extension FaultPlan.Fault: CustomStringConvertible {
  /// As it stands in a plan: `after cut 40`.
  public var description: String {
    switch self {
    case .drop: "before drop"
    case .delay(let span): "before delay \(span)"
    case .outOfOrder(let status): "before 5xx \(status)"
    case .tooMany: "before 429"
    case .ban: "before 418"
    case .partial(let part): "inside partial \(part)"
    case .reject: "inside reject"
    case .halt(let span): "inside halt \(span)"
    case .lag(let span): "inside lag \(span)"
    case .loseReply: "after lose-reply"
    case .failAfter(let status): "after 5xx \(status)"
    case .twice: "after twice"
    case .again: "after again"
    case .cut(let count): "after cut \(count)"
    case .garble: "after garble"
    case .drip(let span): "after drip \(span)"
    case .offset(let span): "clock offset \(span)"
    case .drift(let rate): "clock drift \(rate)"
    }
  }
}

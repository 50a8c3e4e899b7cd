public import Domain

/// Which requests go wrong, and how: pure in (seed, class of call, number of the call in its class), or
/// written down line by line.
public struct FaultPlan: Hashable, Sendable {
  /// What goes wrong with one request.
  public enum Fault: Hashable, Sendable {
    // Before the exchange has seen it.
    /// The connection ends; nothing was done.
    case drop
    /// It arrives so much later, by the exchange's clock.
    case delay(TimeSpan)
    /// A status of HTTP from 500 on; nothing was done.
    case outOfOrder(Int)
    /// Too many requests.
    case tooMany
    /// Banned.
    case ban

    // Inside of it.
    /// Only this part of what could be filled at once is.
    case partial(Rate)
    /// The order is refused, for no reason that could be foreseen.
    case reject
    /// The contract is halted from now on for so long.
    case halt(TimeSpan)
    /// From now on for so long questions are answered as things stood so long ago.
    case lag(TimeSpan)

    // After it has done it.
    /// The connection ends without an answer.
    case loseReply
    /// A status of HTTP from 500 on, though it was done.
    case failAfter(Int)
    /// The answer is sent a second time, on the same connection.
    case twice
    /// It is done a second time, as by something between that repeats requests; the second answer is told.
    case again
    /// The answer ends after so many bytes, and the connection with it.
    case cut(Int)
    /// Bytes of the answer are others.
    case garble
    /// The answer comes in pieces, so long apart.
    case drip(TimeSpan)

    // The clock.
    /// The exchange's clock shows so much more from now on.
    case offset(TimeSpan)
    /// The exchange's clock runs so much faster from now on, as a part of its speed.
    case drift(Rate)
  }

  /// One line: a fault of one call, or of each.
  public struct Rule: Hashable, Sendable {
    /// The class of the call; nil: any.
    public var callClass: String?
    /// Which call of its class, or of all, from 1; nil: each.
    public var number: Int?
    /// What goes wrong with it.
    public var fault: Fault

    /// A rule of these parts.
    public init(callClass: String?, number: Int?, _ fault: Fault) {
      (self.callClass, self.number, self.fault) = (callClass, number, fault)
    }
  }

  /// The rules that were written down.
  public var rules: [Rule]
  /// What draws further faults; nil: nothing.
  public var seed: UInt64?

  /// Nothing goes wrong.
  public static let none = FaultPlan(rules: [], seed: nil)

  /// A plan of written rules, or of a seed.
  public init(rules: [Rule], seed: UInt64?) { (self.rules, self.seed) = (rules, seed) }

  /// One of so many requests goes wrong under a seed.
  static let requestsPerFault: UInt64 = 12

  /// What goes wrong with the n-th call (from 1) of a class, which is one of so many calls in all.
  public func faults(of callClass: String, _ n: Int, ofAll total: Int = 1) -> [Fault] {
    let written = rules.filter { rule in
      guard let own = rule.callClass else { return rule.number ?? total == total }
      return own == callClass && rule.number ?? n == n
    }.map(\.fault)
    return written + drawn(callClass, n)
  }

  private func drawn(_ callClass: String, _ n: Int) -> [Fault] {
    guard let seed else { return [] }
    var draw = Draw(seed: seed, callClass, n)
    guard draw.below(Self.requestsPerFault) == 0 else { return [] }
    let isOrder = callClass == "place" || callClass == "cancel" || callClass == "cancelAll"
    switch draw.below(isOrder ? 11 : 8) {
    case 0: return [.drop]
    case 1: return [.delay(.seconds(Int64(1 + draw.below(8))))]
    case 2: return [.outOfOrder([500, 502, 503, 504][Int(draw.below(4))])]
    case 3: return [.tooMany]
    case 4: return [.loseReply]
    case 5: return [.cut(Int(draw.below(200)))]
    case 6: return [.garble]
    case 7: return [.drip(.milliseconds(Int64(10 + draw.below(90))))]
    case 8: return [.failAfter([500, 502, 504][Int(draw.below(3))])]
    case 9: return [.reject]
    default: return [.lag(.seconds(Int64(1 + draw.below(20))))]
    }
  }

  /// Numbers that are a function of seed, class and number: SplitMix64 over their hash (G. Steele, D.
  /// Lea, C. Flood, "Fast splittable pseudorandom number generators", 2014).
  private struct Draw {
    private var state: UInt64

    init(seed: UInt64, _ callClass: String, _ n: Int) {
      state = StableHash("\(seed) \(callClass) \(n)").value
    }

    mutating func below(_ count: UInt64) -> UInt64 {
      state &+= 0x9E37_79B9_7F4A_7C15
      var z = state
      z = (z ^ z >> 30) &* 0xBF58_476D_1CE4_E5B9
      z = (z ^ z >> 27) &* 0x94D0_49BB_1331_11EB
      return (z ^ z >> 31) % count
    }
  }
}

import Domain
import Store

// What a halt demands beyond sending nothing, by the same desk that trades.
extension OrderDesk {
  /// Takes back what the halt in force wants back, if it wants anything, and says so in the audit.
  ///
  /// - Returns: how far the halt goes, `noNew` without one, and how many orders were taken back.
  func obeyHalt() async throws -> (level: Halt.Level, takenBack: Int) {
    guard let halt = try context.store.read({ try $0.halts.recorded() }), halt.level > .noNew else {
      return (.noNew, 0)
    }
    let count = try await cancelEarlierOrders()
    if count > 0 {
      try context.store.write(at: context.time.now) {
        try $0.audit.append(
          "halt",
          "\(Self.takenBack(count)) of \(parameters.account), by the halt of \(halt.source): "
            + halt.reason)
      }
    }
    return (halt.level, count)
  }

  /// What came of a run that only takes back.
  ///
  /// - Throws: exit 75 while an order still works: what became of it is not known, or its rules are not.
  func resultOfHalt(_ count: Int, _ warnings: [String]) throws -> JobResult {
    let left = try context.store.read { try $0.orders.working(parameters.account) }
    if let first = left.first?.order {
      throw Fault(
        "take back orders", "account \(parameters.account)",
        cause: "\(Self.takenBack(count)), and \(left.count) still at work: the first is "
          + "\(first.id), \(first.side) \(first.key.symbol), \(first.state)",
        remedy: "again: carillon halt --cancel-orders", exit: .tryAgain)
    }
    return JobResult(
      summary: Self.takenBack(count),
      caveat: warnings.isEmpty ? nil : warnings.joined(separator: "; "))
  }

  private static func takenBack(_ count: Int) -> String {
    "\(count) order\(count == 1 ? "" : "s") taken back"
  }
}

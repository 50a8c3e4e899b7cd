import Disk
import Domain
import Jobs
import Portfolio
import Settings
import Store

extension Examination {
  /// What the next rebalance of each account would do first, were it now.
  static let nextRebalance = Examination("next rebalance") { setup in
    guard let path = setup.settings?.database, TextFile.exists(path) else { return [] }
    let store = try Store.open(path, mode: .readOnly)
    var lines: [DoctorLine] = []
    for (listing, job) in setup.jobs {
      guard let planner = job as? any PlanningJob,
        setup.account == nil || setup.account == job.account
      else { continue }
      let preview = try await planner.preview(
        Slot(job: listing.name, time: setup.time.now), in: store, time: setup.time,
        halt: setup.halt)
      lines.append(DoctorLine("\(listing.name) would first", verdict(preview)))
    }
    try store.close()
    return lines
  }

  private static func verdict(_ preview: PlanPreview) -> DoctorLine.Verdict {
    switch preview.outcome {
    case .abstained(let reason):
      return .doubtful("abstain: \(reason)", remedy: "carillon plan \(preview.job)")
    case .planned(let proposal, let refusals):
      guard let order = proposal.plan.orders.first else { return .well("send nothing") }
      let words =
        "\(order.side) \(order.quantity) \(order.key.symbol)"
        + (order.limit.map { " at \($0)" } ?? "") + ", of \(proposal.plan.orders.count) orders"
      guard let refusal = refusals[order.id] else { return .well(words) }
      return .doubtful(
        "\(words), which the gate refuses (\(refusal))", remedy: "carillon plan \(preview.job)")
    }
  }
}

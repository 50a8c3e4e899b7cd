import Domain
import Jobs
import Settings

extension Examination {
  /// The accounts at exchanges: whether each is armed, what its key may do, the clocks, what is there.
  static let accounts = Examination("accounts") { setup in
    guard let settings = setup.settings else { return [] }
    var lines: [DoctorLine] = []
    for (name, account) in settings.accounts.sorted(by: { $0.key < $1.key })
    where account.isLive && (setup.account == nil || setup.account == name) {
      lines.append(
        DoctorLine(
          "account \(name)",
          account.disarmed(name, armed: setup.armed).map {
            .doubtful(
              "not armed: \($0)", remedy: "\(LiveArming.variable)=\(name), when it is meant")
          } ?? .well("armed")))
      let lack = try setup.read { try ShadowDuty.lack(of: name, setup.jobs.map(\.job), $0) }
      if let lack = lack.flatMap(\.self) {
        lines.append(
          DoctorLine(
            "account \(name): shadow",
            .doubtful(lack, remedy: "set its `mode: shadow`, and let it run")))
      }
    }
    guard !setup.isOffline, let catalog = setup.catalog else { return lines }
    for found in await catalog.examineStandings(
      of: setup.jobs, only: setup.account, time: setup.time)
    {
      switch found.outcome {
      case .well(let figure): lines.append(DoctorLine(found.what, .well(figure)))
      case .doubtful(let why, let remedy):
        lines.append(DoctorLine(found.what, .doubtful(why, remedy: remedy)))
      case .ill(let fault): lines.append(DoctorLine(found.what, fault))
      }
    }
    return lines
  }
}

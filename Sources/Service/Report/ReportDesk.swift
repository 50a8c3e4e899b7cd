import Disk
public import Domain
public import Jobs
import Logging
import Notify
public import Settings
import Store

/// Makes the reports of jobs: the sheets of `carillon report`.
public struct ReportDesk: ReportMaker {
  private let settings: Settings
  private let version: String

  /// A desk under settings.
  public init(_ settings: Settings, version: String) {
    (self.settings, self.version) = (settings, version)
  }

  /// Makes the sheet of each account, and takes it where it goes.
  public func make(_ request: ReportRequest, _ context: JobContext) async throws -> JobResult {
    let (slot, time) = (context.firing.slot, context.slot)
    let sheets = try context.store.read { transaction in
      let names = try request.account.map { [$0] } ?? transaction.accounts.all().map(\.name)
      return try names.compactMap { name -> TearSheet? in
        guard try transaction.accounts.account(name) != nil else { return nil }
        return try TearSheet(
          transaction, account: name, period: request.period, by: time, zone: .utc,
          version: version)
      }
    }
    guard !sheets.isEmpty else {
      return JobResult(summary: "nothing told", caveat: "abstained: nothing is valued yet")
    }
    let set = request.channels.isEmpty ? nil : try ChannelSet(settings)
    let channels = try request.channels.compactMap { try set?.channel($0) }
    var told: [String] = []
    for sheet in sheets {
      try context.checkpoint()
      let account = sheet.history.account.name
      if let folder = request.folder {
        try TextFile.makeDirectory(folder)
        // Minutes tell slots of a job apart, and a name without colons goes through every file system.
        let stamp = "\(time)".prefix(16).replacing(":", with: "")
        let path = "\(folder)/\(slot.job)-\(account)-\(stamp)Z.html"
        try TextFile.create(path, sheet.html, replace: true)
        told.append("written: \(path)")
      }
      for channel in channels {
        try context.checkpoint()
        try sheet.send(
          by: channel, link: settings.notify.link, id: "\(slot.job).\(time.milliseconds)",
          now: context.time.now)
        told.append("sent: \(channel.place)")
      }
      for line in told { context.log.debug("\(line)") }
    }
    let days = sheets.map { $0.history.points.count }.reduce(0, +)
    return JobResult(
      summary:
        "\(sheets.count == 1 ? "1 report" : "\(sheets.count) reports") of \(days) valuations, "
        + "\(told.count) told", details: told)
  }
}

extension TearSheet {
  /// Sends it as a letter.
  ///
  /// - Parameters:
  ///   - link: the address of the pages; nil: no link.
  ///   - id: tells its letters apart: of one sent twice both bear the same.
  /// - Throws: a `Fault` where the channel does not take it: transient where it may later.
  public func send(
    by channel: AlertChannel, link: String?, id: String, now: Instant
  ) throws(Fault) {
    let letter = letter(
      from: channel.settings.from, to: channel.settings.to, link: link, id: id, now: now)
    let (cause, isTransient): (String, Bool)
    switch channel.mail(letter) {
    case .taken: return
    case .failed(let reason, _): (cause, isTransient) = (reason, true)
    case .refused(let reason): (cause, isTransient) = (reason, false)
    }
    throw Fault(
      "send the report by", channel.name, cause: Alert.line(cause),
      remedy: "carillon notify test \(channel.name)", exit: .unavailable, isTransient: isTransient)
  }
}

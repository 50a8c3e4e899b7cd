public import Domain
import Settings
import Store
import StrictYAML

/// Tells how the accounts did, as files and as letters: what `carillon report` does, at its time.
///
/// What is told ends with the newest valuation at the slot, so a run that is late tells what it would have told in
/// time. A file is named by its slot and a letter bears it, so that a second attempt replaces the one and
/// repeats the other under the same name.
struct ReportJob: Job {
  let kind = JobKind.report
  let request: ReportRequest
  let maker: any ReportMaker

  private static let standard = TimeSpan.days(90)
  private static let bounds = TimeSpan.days(1)...TimeSpan.days(36_525)

  init?(_ reader: MappingReader, _ settings: Settings, _ maker: (any ReportMaker)?) {
    let account = reader.name("account")
    let folder = reader.name("folder").map(settings.resolve)
    let channels = reader.strings("notify") ?? []
    let period = reader.span("period", in: Self.bounds) ?? Self.standard
    if let account, settings.accounts[account] == nil {
      let names = settings.accounts.keys.sorted()
      reader.log.error(
        at: reader.value("account") ?? reader.node, "no account is called `\(account)`",
        mend: Spelling.nearest(account, among: names).map { "did you mean `\($0)`?" }
          ?? "known are \(names.joined(separator: ", "))")
    }
    for name in channels
    where !settings.notify.channels.contains(where: { $0.name == name && $0.kind == .email }) {
      let mails = settings.notify.channels.filter { $0.kind == .email }.map(\.name)
      reader.log.error(
        at: reader.value("notify") ?? reader.node, "`\(name)` is no channel of kind `email`",
        mend: mails.isEmpty
          ? "add one to `notify: { channels: ... }` of the settings"
          : "known are \(mails.joined(separator: ", "))")
    }
    if folder == nil, channels.isEmpty {
      reader.log.error(
        at: reader.node, "the report goes nowhere",
        mend: "name a `folder` for files, or channels of kind `email`: `notify: [NAME]`")
    }
    guard let maker else {
      reader.log.error(at: reader.node, "this program makes no reports")
      return nil
    }
    self.maker = maker
    request = ReportRequest(account: account, period: period, folder: folder, channels: channels)
  }

  func run(_ context: JobContext) async throws -> JobResult {
    try await maker.make(request, context)
  }
}

/// What a report is to be of, and where it goes.
public struct ReportRequest: Hashable, Sendable {
  /// The account; nil: all.
  public var account: String?
  /// How long before the newest valuation it begins.
  public var period: TimeSpan
  /// The folder of files; nil: none is written.
  public var folder: String?
  /// The channels of kind `email` that it goes by.
  public var channels: [String]

  /// A request of these parts.
  public init(account: String?, period: TimeSpan, folder: String?, channels: [String]) {
    (self.account, self.period, self.folder) = (account, period, folder)
    self.channels = channels
  }
}

/// Makes reports: what they look like is known above the jobs.
public protocol ReportMaker: Sendable {
  /// Makes one and takes it where it goes.
  ///
  /// - Throws: a `Fault` of the database, a file or a channel; transient where another attempt may do.
  func make(_ request: ReportRequest, _ context: JobContext) async throws -> JobResult
}

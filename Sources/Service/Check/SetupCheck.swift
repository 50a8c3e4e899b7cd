import Disk
public import Domain
import Glibc
public import Jobs
public import Scheduler
public import Settings
import Store
public import StrictYAML

/// Looks at a whole set-up: what `carillon check` does, and `carillon run` before it starts.
///
/// Nothing is changed, and nothing stops at the first mistake: what a part needs of one that is wrong is
/// left out, and all the rest is looked at.
public struct SetupCheck {
  /// What was found so far.
  public private(set) var report = SetupReport()
  /// The jobs, as far as they could be made; none where settings or schedules are wrong.
  public private(set) var jobs: [(listing: JobListing, job: any Job)] = []

  /// A check that has looked at nothing.
  public init() {}

  /// Takes note of settings that were read, or of why they could not be.
  public mutating func settings(_ source: String, _ warnings: Diagnostics) {
    report.add(.settings, warnings.items)
    report.add(.init(.settings, .pass, source))
  }

  /// Takes note of mistakes in the settings.
  public mutating func settings(refused error: any Error) { refuse(.settings, error) }

  /// Looks at a schedules file.
  ///
  /// - Parameters:
  ///   - text: its text.
  ///   - path: where it stands.
  ///   - catalog: makes the jobs; nil where the settings are wrong, and then the file alone is looked at.
  /// - Returns: the schedule, where the file is right.
  @discardableResult
  public mutating func schedules(
    _ text: String, at path: String, _ catalog: (any JobMaker)?, now: Instant
  ) -> Schedule? {
    let schedule: Schedule
    do { schedule = try Schedule.parse(text, at: path) } catch {
      refuse(.schedules, error)
      return nil
    }
    report.add(.schedules, schedule.warnings + schedule.warnings(now: now))
    guard let catalog else { return schedule }
    let made = JobSet(of: schedule, catalog)
    report.add(.schedules, made.diagnostics.items)
    jobs = made.listed
    let count = schedule.jobs.count == 1 ? "1 job" : "\(schedule.jobs.count) jobs"
    if !made.diagnostics.hasErrors { report.add(.init(.schedules, .pass, "\(path): \(count)")) }
    return schedule
  }

  /// Takes note of a schedules file that cannot be read.
  public mutating func schedules(refused error: any Error) { refuse(.schedules, error) }

  /// Looks at what the jobs need on this machine.
  public mutating func surroundings(_ catalog: JobCatalog) {
    let isFed = jobs.contains { $0.listing.kind == .command }
    for found in catalog.examine(jobs) {
      var found = found
      // A model that is not there yet may be one that a job of the schedule trains.
      if found.kind == .models, found.fault?.exit == .noInput, isFed { found.isWarning = true }
      add(found)
    }
  }

  /// Takes note of what was found of models, programs, folders and venues.
  public mutating func add(_ found: SetupExamination) {
    let area: SetupReport.Area =
      switch found.kind {
      case .models: .models
      case .programs: .programs
      case .snapshots: .snapshots
      case .venues: .venues
      case .accounts: .accounts
      }
    if let fault = found.fault {
      report.add(area, fault, status: found.isWarning ? .warn : .fail, at: found.place)
    } else {
      report.add(.init(area, .pass, "\(found.subject): \(found.words ?? "")"))
    }
  }

  /// Looks at the secrets of the channels; nobody is told anything.
  private mutating func channels(_ settings: Settings) {
    guard !settings.notify.channels.isEmpty || !settings.notify.pings.isEmpty else { return }
    do throws(Fault) {
      let names = try ChannelSet(settings).channels.map(\.name).joined(separator: ", ")
      report.add(
        .init(.channels, .pass, "\(names.isEmpty ? "pings alone" : names): their secrets are there")
      )
    } catch {
      report.add(.channels, error)
    }
  }

  /// Looks at the files of who comes in to the pages.
  private mutating func users(_ settings: Settings) {
    guard let file = settings.web.usersFile else { return }
    do throws(Fault) {
      let text = try TextFile.read(file, remedy: "make it: carillon web password NAME > \(file)")
      _ = try WebUsers(text, file: file)
    } catch {
      report.add(.settings, error)
    }
  }

  /// Looks at the database, the disk below it, and the accounts that it knows.
  public mutating func database(_ settings: Settings) {
    channels(settings)
    users(settings)
    let path = settings.database
    let folder = FilePath.folder(of: path)
    guard TextFile.exists(path) else {
      let isWritable = access(folder, W_OK) == 0
      report.add(
        .init(
          .database, isWritable ? .pass : .fail,
          isWritable
            ? "\(path): there is none yet, carillon run makes it"
            : "\(folder) cannot be written to: \(String(cString: strerror(errno)))",
          mend: isWritable ? nil : "make the folder, and give it to the user that carillon runs as")
      )
      disk(folder)
      return
    }
    do {
      let store = try Store.open(path, mode: .readOnly)
      let accounts = try store.read { try $0.accounts.all() }
      try store.close()
      let isWritable = access(path, W_OK) == 0 && access(folder, W_OK) == 0
      report.add(
        .init(
          .database, isWritable ? .pass : .fail,
          isWritable
            ? "\(path): it opens" : "\(path) or its folder cannot be written to by this user",
          mend: isWritable ? nil : "ask as its owner: ls -l \(path) names them"))
      self.accounts(accounts, settings)
    } catch let fault as Fault {
      report.add(.database, fault)
    } catch {
      report.add(.init(.database, .fail, "\(error)"))
    }
    disk(folder)
  }

  /// What is on record of an account stays: what the settings say of it anew is told.
  private mutating func accounts(_ accounts: [Account], _ settings: Settings) {
    for account in accounts {
      guard let own = settings.accounts[account.name] else { continue }
      // At an exchange it may be left out: all that was free then.
      if own.cash != account.initial, own.cashPlace != nil || account.mode == .paper {
        let message =
          "the account `\(account.name)` exists since \(account.opened) with \(account.initial) "
          + "\(account.quote): `cash: \(own.cash)` is not read again"
        let mend = "write \(account.initial), or begin an account of another name"
        report.add(
          .init(
            .accounts, .warn, message, mend: mend,
            place: own.cashPlace.map { Diagnostic(.warning, at: $0, message, mend: mend) }))
      }
      if own.quote != account.quote {
        report.add(
          .init(
            .accounts, .fail,
            "the account `\(account.name)` exists in \(account.quote), and the settings say "
              + own.quote, mend: "give the new account another name"))
      }
    }
    if !accounts.isEmpty, report.status(of: .accounts) == nil {
      report.add(.init(.accounts, .pass, accounts.map(\.name).joined(separator: ", ")))
    }
  }

  private mutating func disk(_ folder: String) {
    guard let space = DiskSpace(holding: folder) else { return }
    let status: HealthCheck.Status =
      space.freeBytes < DiskSpace.failureBytes
      ? .fail : space.freeBytes < DiskSpace.warningBytes ? .warn : .pass
    report.add(
      .init(
        .disk, status, "\(space.description) free at \(folder)",
        mend: status == .pass ? nil : "free some: old snapshots, logs, images"))
  }

  private mutating func refuse(_ area: SetupReport.Area, _ error: any Error) {
    switch error {
    case let diagnostics as Diagnostics: report.add(area, diagnostics.items)
    case let fault as Fault: report.add(area, fault)
    default: report.add(.init(area, .fail, "\(error)"))
    }
  }
}

import Disk
import Domain
import Glibc
import Jobs
import Scheduler
import Settings
import Store

// The database, what keeps it, and the service beside it.
extension Examination {
  static let database = Examination("database") { setup in
    guard let settings = setup.settings, TextFile.exists(settings.database) else { return [] }
    let stamp = try FileStamp(path: settings.database)
    let halt = try setup.read { try $0.halts.current() } ?? nil
    var lines = [
      DoctorLine("size of the database", .well("\((stamp?.size ?? 0) >> 10) KiB"))
    ]
    if let reason = setup.halt ?? halt?.reason {
      lines.append(
        DoctorLine(
          "trading", .doubtful("halted: \(reason)", remedy: "carillon resume, once it is over")))
    }
    return lines
  }

  /// The newest copy, and whether it was ever restored.
  static let snapshots = Examination("snapshots") { setup in
    let hasJob = setup.jobs.contains { $0.listing.kind == .snapshot }
    let newest = try setup.read { try $0.snapshots.latest(limit: 1).first } ?? nil
    guard let newest else {
      return [
        DoctorLine(
          "snapshots",
          .doubtful(
            "there is none yet",
            remedy: hasJob
              ? "carillon snapshot create makes the first"
              : "add a job: snapshot: { cron: \"30 3 * * *\" }"))
      ]
    }
    let age = (setup.time.now - newest.taken).rounded
    var lines = [
      DoctorLine(
        "newest snapshot",
        setup.time.now - newest.taken <= .hours(48)
          ? .well("\(newest.id), \(age) old")
          : .doubtful("\(newest.id) is \(age) old", remedy: "carillon snapshot create"))
    ]
    lines.append(
      DoctorLine(
        "newest drill",
        newest.verified.map { .well("\(newest.id) was restored and proved at \($0)") }
          ?? .doubtful(
            "\(newest.id) was never restored", remedy: "carillon snapshot verify \(newest.id)")))
    return lines
  }

  static let schedules = Examination("schedules") { setup in
    guard let schedule = setup.schedule else { return [] }
    let paused = schedule.jobs.filter(\.paused).map(\.name.text)
    var lines: [DoctorLine] = []
    if let next = schedule.upcoming(from: setup.time.now, count: 1).first {
      lines.append(DoctorLine("next slot", .well("\(next.job) at \(next.at)")))
    } else {
      lines.append(
        DoctorLine(
          "next slot",
          .doubtful("no job will ever fall due", remedy: "carillon schedule next")))
    }
    if !paused.isEmpty {
      lines.append(
        DoctorLine(
          "paused jobs",
          .doubtful(paused.joined(separator: ", "), remedy: "carillon job resume NAME")))
    }
    return lines
  }

  /// Whether the service runs, and how well; where it does not, whether its port is free.
  static let service = Examination("service") { setup in
    guard let settings = setup.settings else { return [] }
    let isThere = TextFile.exists(settings.database)
    guard isThere, try DaemonLock.isHeld(settings.database) else {
      let port = settings.web.port
      let isTaken = port != 0 && isListening(port)
      return [
        DoctorLine(
          "service",
          .doubtful("it does not run", remedy: "carillon run, or start its container")),
        DoctorLine(
          "port \(port)",
          isTaken
            ? .ill(
              "another program listens there", remedy: "name another: web: { port: 8788 }")
            : .well("free")),
      ]
    }
    let survey = HealthSurvey(
      database: settings.database, schedulesPath: setup.schedulesPath, settings: settings.health)
    let report = HealthReport(of: survey.look(now: setup.time.now))
    let bad = report.checks.filter { $0.status != .pass }
    guard let first = bad.max(by: { $0.status < $1.status }) else {
      return [DoctorLine("service", .well("it runs, and \(report.checks.count) checks pass"))]
    }
    let words = "\(first.name): \(first.text)"
    let remedy = first.next ?? "carillon health"
    return [
      DoctorLine(
        "service",
        first.status == .fail ? .ill(words, remedy: remedy) : .doubtful(words, remedy: remedy))
    ]
  }

  /// Whether something listens on a port of this machine (/proc/net/tcp: the local address in field 1,
  /// the state in field 3, 0A is listening; proc(5)).
  private static func isListening(_ port: Int) -> Bool {
    ["/proc/net/tcp", "/proc/net/tcp6"].contains { path in
      (TextFile.contents(path) ?? "").split(separator: "\n").dropFirst().contains { line in
        let fields = line.split(separator: " ")
        guard fields.count > 3, fields[3] == "0A",
          let own = fields[1].split(separator: ":").last
        else { return false }
        return Int(own, radix: 16) == port
      }
    }
  }

  /// What a set-up may lack that only tries things out.
  static let production = Examination("production", isForProductionAlone: true) { setup in
    guard let settings = setup.settings else { return [] }
    var lines: [DoctorLine] = []
    func line(_ what: String, _ holds: Bool, _ figure: String, _ why: String, _ remedy: String) {
      lines.append(DoctorLine(what, holds ? .well(figure) : .ill(why, remedy: remedy)))
    }
    let channels = settings.notify.channels.count
    line(
      "somebody is told", channels > 0, "\(channels) channels", "no channel is named",
      "add one under notify, and try it: carillon notify test")
    let kinds = Set(setup.jobs.map(\.listing.kind))
    line(
      "snapshots are scheduled", kinds.contains(.snapshot), "by a snapshot job",
      "no job takes snapshots", "add one: snapshot: { cron: \"30 3 * * *\" }")
    line(
      "the pages are closed to strangers",
      settings.web.isLocal || settings.web.usersFile != nil,
      settings.web.usersFile == nil ? "this machine alone" : "by a login",
      "others can reach \(settings.web.bind)",
      "carillon web password NAME > users, and web: { users-file: users }")
    return lines
  }
}

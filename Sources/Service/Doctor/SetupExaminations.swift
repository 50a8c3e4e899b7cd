import Disk
import Domain
import Glibc
import Settings
import StrictYAML

// What stands in files: the program, the set-up, and who may read it.
extension Examination {
  static let versions = Examination("versions") { setup in
    let zones = ZoneDatabase.version
    return [
      DoctorLine("carillon", .well(setup.version)),
      DoctorLine(
        "time zones",
        zones.map { .well("release \($0)") }
          ?? .doubtful(
            "the system does not say how old its time zones are",
            remedy: "install them: apt-get install tzdata")),
    ]
  }

  /// What `carillon check` finds: settings, schedules, models, venues, channels.
  static let setup = Examination("setup") { setup in
    SetupReport.Area.allCases.flatMap { area in
      setup.check.findings.filter { $0.area == area }.map { finding in
        let place = finding.place.map { "\($0.location): " } ?? ""
        let (what, text) = (area.rawValue, place + finding.text)
        let remedy = finding.mend ?? "carillon check"
        return switch finding.status {
        case .pass: DoctorLine(what, .well(text))
        case .warn: DoctorLine(what, .doubtful(text, remedy: remedy))
        case .fail: DoctorLine(what, .ill(text, remedy: remedy))
        }
      }
    }
  }

  /// Secrets that others can read, and files of the set-up that others can change.
  static let files = Examination("file modes") { setup in
    guard let settings = setup.settings else { return [] }
    var lines: [DoctorLine] = []
    for account in settings.accounts.values {
      guard let access = account.execution.access else { continue }
      for path in [access.keyFile, access.secretFile] where TextFile.exists(path) {
        lines += try line(of: path, forbidden: 0o077, "others can read it", "chmod 600 \(path)")
      }
    }
    for path in setup.files where TextFile.exists(path) {
      lines += try line(of: path, forbidden: 0o022, "others can change it", "chmod go-w \(path)")
    }
    guard lines.isEmpty else { return lines }
    return [DoctorLine("file modes", .well("\(setup.files.count) files, none open to others"))]
  }

  private static func line(
    of path: String, forbidden: UInt32, _ why: String, _ remedy: String
  ) throws(Fault) -> [DoctorLine] {
    var status = stat()
    guard stat(path, &status) == 0 else {
      throw Fault(
        "look at", path, cause: String(cString: strerror(errno)),
        remedy: "give it to the user that carillon runs as", exit: .noInput)
    }
    guard status.st_mode & forbidden != 0 else { return [] }
    return [DoctorLine(path, .ill(why, remedy: remedy))]
  }
}

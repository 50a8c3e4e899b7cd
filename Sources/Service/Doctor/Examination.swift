import Domain

/// One subject that `carillon doctor` looks at. To add one, write a file like its neighbours and put it
/// into the list.
public struct Examination: Sendable {
  /// The subject: `clock`, `snapshots`.
  public var name: String
  /// Whether only a service that is meant for production has to stand it.
  public var isForProductionAlone: Bool
  /// Looks. What it throws becomes a line.
  public var look: @Sendable (ExaminedSetup) async throws -> [DoctorLine]

  /// An examination of a subject.
  public init(
    _ name: String, isForProductionAlone: Bool = false,
    look: @escaping @Sendable (ExaminedSetup) async throws -> [DoctorLine]
  ) {
    (self.name, self.isForProductionAlone, self.look) = (name, isForProductionAlone, look)
  }

  /// All of them, in the order in which they are told.
  public static let all: [Examination] = [
    .versions, .setup, .files, .machine, .clock, .database, .snapshots, .schedules, .service,
    .channels, .accounts, .production, .trialDays, .nextRebalance,
  ]
}

extension DoctorReport {
  /// Examines a set-up. Nothing is changed, and nothing stops at the first fault. What is sent is a test message
  /// through each channel, where the set-up has a messenger.
  public static func examine(
    _ setup: ExaminedSetup, _ examinations: [Examination] = Examination.all, isForProduction: Bool
  ) async -> DoctorReport {
    var report = DoctorReport(isForProduction: isForProduction)
    for examination in examinations where isForProduction || !examination.isForProductionAlone {
      do {
        report.lines += try await examination.look(setup)
      } catch let fault as Fault {
        report.lines.append(DoctorLine(examination.name, fault))
      } catch {
        report.lines.append(
          DoctorLine(examination.name, .ill("\(error)", remedy: "carillon check")))
      }
    }
    return report
  }
}

import Calendars
public import Domain
public import StrictYAML

extension Schedule {
  /// What is known at an instant of the future that the file relies on: calendars that have ended or
  /// soon will, and times that changes of the clocks jump over within `CronExplanation.horizon`.
  ///
  /// Each is told once, at the first job that it concerns. Jobs that the file pauses are left out.
  public func warnings(now: Instant) -> [Diagnostic] {
    var warnings: [Diagnostic] = []
    var calendars: Set<String> = []
    var timings: Set<String> = []
    for job in jobs where !job.paused {
      guard let cadence = job.cadence else { continue }
      if let calendar = cadence.calendar, calendars.insert(calendar.identity).inserted,
        let text = calendar.warning(at: now)
      {
        warnings.append(Diagnostic(.warning, at: job.timingLocation, text))
      }
      guard let expression = cadence.expression, !expression.isWildcard,
        cadence.zone != .utc, timings.insert(cadence.timing).inserted
      else { continue }
      let effects = cadence.clockEffects(over: now..<now + CronExplanation.horizon)
      warnings += Self.skippedTimes(effects).map {
        Diagnostic(
          .warning, at: job.timingLocation, length: expression.text.count, $0,
          mend: "`carillon schedule explain` shows it")
      }
    }
    return warnings
  }

  /// One sentence for each change of the clocks that times fall into.
  private static func skippedTimes(_ effects: [ClockEffect]) -> [String] {
    var sentences: [String] = []
    var rest = effects[...]
    while let first = rest.first {
      let same = rest.prefix { $0.change == first.change }
      rest = rest.dropFirst(same.count)
      func clock(_ time: CivilDateTime) -> String { CronWords.clock(time.hour, time.minute) }
      let others = same.count > 1 ? " and \(same.count - 1) more" : ""
      let subject = "\(clock(first.nominal))\(others) \(first.zone)"
      let fate: String
      switch first.outcome {
      case .moved(let time):
        let civil = first.zone.civil(at: time)
        fate = "will run at \(clock(civil)) \(first.zone.abbreviation(at: time))"
      case .dropped: fate = "will not run"
      case .doubled: continue
      }
      let verb = same.count > 1 ? "do" : "does"
      sentences.append("\(subject) \(verb) not exist on \(first.nominal.date); \(fate)")
    }
    return sentences
  }
}

import ArgumentParser
import Domain
import Scheduler

/// Reads the options of `schedule simulate`, each of which says something of a time or a job.
struct SimulationOptions {
  let schedule: Schedule

  func time(_ text: some StringProtocol, _ option: String) throws -> Instant {
    guard let time = Instant(rfc3339: text) else {
      throw ValidationError("\(option) \(text) is no time; write it like 2027-03-14T07:00:00Z")
    }
    return time
  }

  /// `A..B`
  func downtime(_ text: String) throws -> Range<Instant> {
    try range(text[...], "--downtime")
  }

  /// `T=+1h`
  func clockStep(_ text: String) throws -> (at: Instant, by: TimeSpan) {
    let (left, right) = try split(text, at: "=", "--clock-step", "2027-08-01T12:00:00Z=+1h")
    guard let sign = right.first, sign == "+" || sign == "-",
      let span = TimeSpan(right.dropFirst())
    else {
      throw ValidationError("--clock-step \(text): \(right) is no step; write +1h or -5h")
    }
    return (try time(left, "--clock-step"), sign == "+" ? span : .zero - span)
  }

  /// `JOB@A..B`
  func pause(_ text: String) throws -> (job: JobName, at: Instant, until: Instant) {
    let (name, range) = try split(text, at: "@", "--pause", "JOB@A..B")
    let times = try self.range(range, "--pause")
    return (try job(name), times.lowerBound, times.upperBound)
  }

  /// `JOB=3m` and `JOB@TIME` or `JOB=0.05`, over what was learned.
  func runs(
    took: [String], fail: [String], seed: UInt64, learned: [JobName: TimeSpan]
  ) throws -> SimulatedRuns {
    var runs = SimulatedRuns()
    runs.durations = learned
    runs.seed = seed
    for text in took {
      let (name, length) = try split(text, at: "=", "--took", "fetch=3m")
      guard let span = TimeSpan(length) else {
        throw ValidationError("--took \(text): \(length) is no length of time; write 90s or 3m")
      }
      runs.durations[try job(name)] = span
    }
    for text in fail {
      if text.contains("@") {
        let (name, slot) = try split(text, at: "@", "--fail", "")
        runs.failingSlots.insert(Slot(job: try job(name), time: try time(slot, "--fail")))
      } else {
        let (name, part) = try split(text, at: "=", "--fail", "infer=0.05, or JOB@TIME")
        guard let rate = Double(part), (0...1).contains(rate) else {
          throw ValidationError("--fail \(text): \(part) is no part; write 0 to 1")
        }
        runs.failureRates[try job(name)] = rate
      }
    }
    return runs
  }

  /// A job of the schedule.
  func job(_ text: Substring) throws -> JobName {
    guard let name = JobName(text), schedule[name] != nil else {
      throw Fault(
        "simulate", "job \(text.prefix(64))", cause: "there is no such job in \(schedule.file)",
        remedy: "carillon job list", exit: .usage)
    }
    return name
  }

  private func range(_ text: Substring, _ option: String) throws -> Range<Instant> {
    guard let dots = text.firstRange(of: "..") else {
      throw ValidationError("\(option) \(text) is no stretch of time; write A..B")
    }
    let start = try time(text[..<dots.lowerBound], option)
    let end = try time(text[dots.upperBound...], option)
    guard start < end else { throw ValidationError("\(option) \(text) ends before it begins") }
    return start..<end
  }

  private func split(
    _ text: String, at separator: Character, _ option: String, _ example: String
  ) throws -> (Substring, Substring) {
    guard let place = text.firstIndex(of: separator) else {
      throw ValidationError("\(option) \(text): write \(example)")
    }
    return (text[..<place], text[text.index(after: place)...])
  }
}

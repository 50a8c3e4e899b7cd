import Domain
import Scheduler
import Service
import Settings
import Store
import StrictYAML

/// Takes what a person asks to whoever can do it: the running service, which answers in its next turn;
/// or, while none runs, the database itself.
struct ServiceDesk {
  let store: Store
  /// Held while the store is open: what is asked for during a restore would be lost.
  private let lock: ProcessLock
  let schedule: Schedule

  /// How long a command waits for the service's answer.
  static let patience = TimeSpan.seconds(5)
  private static let glance = TimeSpan.milliseconds(20)
  private static let secondLook = TimeSpan.seconds(1)

  /// A desk at the database of a workspace.
  init(_ workspace: Workspace) throws {
    (store, lock) = try workspace.openForWriting("carillon")
    schedule = try workspace.followedSchedule(store)
  }

  /// Asks, and prints the answer.
  ///
  /// - Throws: exit 1 when it is refused, 75 when nobody has answered yet.
  func ask(_ request: OperatorRequest) throws {
    let answer = try self.answer(to: request)
    switch answer.outcome {
    case .done: Console.out(answer.words)
    case .nothingToDo: Console.out("nothing to do: \(answer.words)")
    case .refused:
      throw Fault(request.verbWords, request.subject, cause: answer.words, exit: .no)
    }
  }

  /// The job of a name.
  ///
  /// - Throws: exit 64 when the schedule has none.
  func job(_ name: String, to operation: String) throws -> JobName {
    if let job = JobName(name), schedule[job] != nil { return job }
    throw Fault(
      operation, "job \(name)", cause: "there is no such job in \(schedule.file)",
      remedy: "known are: " + schedule.jobs.map(\.name.text).joined(separator: ", "), exit: .usage)
  }

  private func answer(to request: OperatorRequest) throws -> OperatorAnswer {
    let time = SystemTime()
    if let answer = try carryOut(request, now: time.now) { return answer }
    let id = try store.write(at: time.now) {
      try $0.requests.append(request.verb, request.subject, detail: request.detail)
    }
    RequestBell(database: store.path).ring()
    let end = time.uptime + Self.patience
    var look = time.uptime + Self.secondLook
    while time.uptime < end {
      if let record = try store.read({ try $0.requests.request(id) }),
        let answer = OperatorAnswer(record)
      {
        return answer
      }
      if time.uptime >= look {
        // Who held the lock may be gone: another command that was quicker, or a service that ended.
        look = time.uptime + Self.secondLook
        if let answer = try carryOut(request, now: time.now) {
          try store.write(at: time.now) {
            _ = try $0.requests.answer(id, answer.outcome, answer.words)
          }
          return answer
        }
      }
      SystemTime.block(for: Self.glance)
    }
    let isServed = try DaemonLock.isHeld(store.path)
    throw Fault(
      request.verbWords, request.subject,
      cause: "it is noted, but not answered within \(Self.patience) (request \(id))",
      remedy: isServed
        ? "the service does it in a later turn: carillon status, carillon health"
        : "the process that runs it does it in its next second, or the service when it starts",
      exit: .tryAgain, isTransient: true)
  }
}

extension ServiceDesk {
  /// Does it here, where no service runs that would.
  private func carryOut(_ request: OperatorRequest, now: Instant) throws -> OperatorAnswer? {
    guard try !DaemonLock.isHeld(store.path) else { return nil }
    return try StoppedService.carryOut(request, store, schedule, now: now)
  }
}

extension OperatorRequest {
  /// The verb as commands spell it.
  var verbWords: String {
    switch self {
    case .pause: "pause"
    case .resume: "resume"
    case .cancel: "cancel"
    case .trustClock: "trust"
    case .run: "run"
    case .retry: "retry"
    case .reload: "reload"
    }
  }
}

extension Workspace {
  /// The schedule that the running service follows; while none runs, what the file says.
  func followedSchedule(_ store: Store) throws -> Schedule {
    if try DaemonLock.isHeld(settings.database),
      let text = try store.read({ try $0.service.fact(.schedule)?.text })
    {
      return try Schedule.parse(text, at: schedulesPath)
    }
    return try Schedule.parse(try schedulesText(), at: schedulesPath)
  }
}

import Disk
import Domain
import Glibc
import Jobs
import Logging
import Scheduler
import StrictYAML
import Synchronization

@testable import Service
@testable import Store

/// One voyage of the whole service (loop, daemon, planner, runner, ledger on disk, schedules file) over
/// simulated time, in which a seed draws what goes wrong: a database that is busy, full or failing,
/// processes that die before or after any commit, steps of the clock, edits good and bad, a file or a
/// database that vanishes, jobs that fail, time out, and take long.
///
/// After each turn it is asked what must be true; in the end the sea is calm, and every slot must have
/// come to one end.
final class Storm {
  /// What struck, so that a storm that is none is noticed.
  enum Misfortune: String, CaseIterable {
    case busy, full, failing, crashBefore, crashAfter, stepForward, stepBack, badEdit, goodEdit
    case fileGone, databaseGone, transient, permanent, slow, stop
  }

  /// How often what struck.
  struct Log {
    var counts: [Misfortune: Int] = [:]

    mutating func note(_ misfortune: Misfortune) { counts[misfortune, default: 0] += 1 }
    mutating func add(_ other: Log) { counts.merge(other.counts, uniquingKeysWith: +) }
    var missing: [String] { Misfortune.allCases.filter { counts[$0] == nil }.map(\.rawValue) }
  }

  private(set) var log = Log()
  private let folder: ServiceFolder
  let sea: Sea
  private let worker = WorkerThread(name: "storm")
  private var draws: StormDraws
  var ship: Ship?
  var complaints: [String] = []
  private var story: [String] = []
  /// Attempts' final states as they were first seen: none may ever change.
  var ended: [Slot: RunState] = [:]
  /// When the ledger first knew of the jobs: nothing before is owed.
  var born: Instant?
  private var text = Storm.schedules

  static let start = ServiceFolder.start
  /// How long a voyage lasts, in turns of the loop.
  struct Length {
    /// Turns at each of which something may strike, up to 40 s apart.
    let stormy: Int
    /// How far apart the turns of the calm are, by which all must be noticed and paid.
    let calm: [TimeSpan]

    /// Twenty minutes by which all is noticed, and a minute in which what has piled up is worked off.
    static let long = Length(
      stormy: 60,
      calm: Array(repeating: .seconds(31), count: 40) + Array(repeating: .seconds(1), count: 60))
    /// Less than half as many turns, for many seeds.
    static let short = Length(
      stormy: 24,
      calm: Array(repeating: .seconds(62), count: 10) + Array(repeating: .seconds(1), count: 60))
  }

  private let length: Length
  private static let toldLines = 120
  private static let grace = TimeSpan.minutes(5)
  private static let schedules = """
    version: 1
    jobs:
      fetch:   { every: 1m, catchup: all, deadline: 1h, retry: { max: 3, backoff: 1s..5s } }
      compute: { after: fetch, deadline: 1h, retry: { max: 3, backoff: 1s..5s } }
      infer:   { every: 5m, overlap: queue, deadline: 1h }

    """

  /// A process: all that dies in a crash.
  struct Ship {
    var store: Store
    var lock: ProcessLock
    var runner: Runner
    var conditions: Conditions
    var loop: ServiceLoop
    var letters: [Mailbox.Letter] = []
    var files: FollowedSchedule
    var presence: DatabasePresence?
    var told: StorageTrouble?
  }

  init(seed: UInt64, length: Length = .long) throws {
    self.length = length
    draws = StormDraws(state: seed)
    folder = try ServiceFolder()
    sea = Sea(start: Self.start)
    try TextFile.create(folder.schedulesFile, text, replace: true)
  }

  deinit { worker.stop() }

  /// Sails. Returns what was not as it must be.
  func sail() async throws -> [String] {
    for turn in 0..<length.stormy where complaints.isEmpty {
      strike()
      sea.pass(.milliseconds(Int64(1 + draws.value(below: 40_000))))
      try await self.turn("turn \(turn)")
    }
    try await calm()
    if let ship { try sink(ship) }
    return complaints.isEmpty ? [] : story.suffix(Self.toldLines) + complaints
  }

  /// The sea is calm: all that is owed is paid, all that was wrong is told to be right.
  private func calm() async throws {
    sea.calm()
    write(Self.schedules)
    sea.step(sea.highest - sea.now)
    for span in length.calm where complaints.isEmpty {
      sea.pass(span)
      try await turn("calm")
    }
    guard complaints.isEmpty, let ship else { return }
    judgeTheEnd(ship)
  }
}

// What goes wrong.
extension Storm {
  private func strike() {
    guard draws.value(below: 3) == 0 else { return }
    let all = Misfortune.allCases
    let misfortune = all[draws.value(below: all.count)]
    let seconds = TimeSpan.seconds(Int64(1 + draws.value(below: 90)))
    switch misfortune {
    case .busy, .full, .failing:
      sea.refuse(
        misfortune == .busy ? .busy : misfortune == .full ? .full : .failing, for: seconds)
    case .crashBefore: sea.crash(beforeCommit: true, after: draws.value(below: 6))
    case .crashAfter: sea.crash(beforeCommit: false, after: draws.value(below: 6))
    case .stepForward: sea.step(.minutes(Int64(1 + draws.value(below: 20))))
    case .stepBack: sea.step(.zero - .minutes(Int64(1 + draws.value(below: 20))))
    case .badEdit: write("version: 1\njobs:\n  fetch: { every: never \(draws.value(below: 9)) }\n")
    case .goodEdit:
      write(draws.value(below: 2) == 0 ? Self.schedules : Self.schedules + "  # edited\n")
    case .fileGone: unlink(folder.schedulesFile)
    case .databaseGone:
      guard let ship, ship.presence != nil else { return }
      rename(folder.database, folder.database + ".away")
      sea.isDatabaseAway = true
    case .transient, .permanent, .slow: sea.nextRuns.append(misfortune)
    case .stop: sea.isStopWanted = true
    }
    log.note(misfortune)
    story.append("\(sea.now) strikes: \(misfortune) \(seconds)")
  }

  private func write(_ text: String) {
    self.text = text
    do { try TextFile.create(folder.schedulesFile, text, replace: true) } catch {
      complaints.append("\(error)")
    }
  }
}

// One turn, and what follows from it.
extension Storm {
  private func turn(_ name: String) async throws {
    if sea.isDatabaseAway, draws.value(below: 3) == 0 || sea.isCalm {
      rename(folder.database + ".away", folder.database)
      sea.isDatabaseAway = false
    }
    do {
      if ship == nil {
        guard !sea.isDatabaseAway else { return }
        ship = try launch()
      }
      try await step()
    } catch let fault as Fault where fault.storage != nil {
      // A start that the storage refuses ends, and is tried again.
      try sinkIfAfloat("the start failed: \(fault.cause)")
    } catch is Sea.Crash {
      try sinkIfAfloat("crash")
    } catch let diagnostics as Diagnostics {
      // A start with a broken schedule is refused: the operator puts it right.
      write(Self.schedules)
      try sinkIfAfloat("\(diagnostics)")
    } catch {
      complaints.append("\(name): \(error)")
    }
  }

  private func sinkIfAfloat(_ why: String) throws {
    story.append("\(sea.now) goes down: \(why)")
    sea.forgetCrash()
    if let ship { try sink(ship) }
    ship = nil
  }

  private func launch() throws -> Ship {
    if !TextFile.exists(folder.schedulesFile) { write(Self.schedules) }
    let now = sea.now
    story.append("\(now) sets sail")
    let lock = try ProcessLock.acquire(beside: folder.database, purpose: "storm", now: now)
    let store = try Store.open(
      folder.database, mode: .rehearsal, busyTimeoutSeconds: 1, faults: sea.faults)
    do {
      let conditions = Conditions()
      let text = try TextFile.read(folder.schedulesFile)
      let schedule = try Schedule.parse(text, at: folder.schedulesFile)
      let runner = Runner(
        store: store, holder: lock.holder, time: sea, conditions: conditions,
        log: ServiceBench.log, patience: Self.grace)
      let daemon = try Daemon(
        schedule: schedule, catalog: CrewMaker(sea: sea), store: store, runner: runner,
        conditions: conditions, workers: 2, now: now, uptime: sea.uptime, log: ServiceBench.log)
      let loop = ServiceLoop(
        ServiceLoop.Start(
          daemon: daemon, shutdown: ShutdownState(drainTimeout: .minutes(10)),
          schedulesPath: folder.schedulesFile, schedules: .init(text: text),
          storageGrace: Self.grace),
        runner: runner, conditions: conditions, log: ServiceBench.log)
      let facts = StartFacts(
        version: "storm", schedulesPath: folder.schedulesFile, schedulesText: text,
        clockSuspicion: conditions.clockSuspicion,
        before: EarlierEnd(lastTurn: nil, booted: now))
      try store.write(at: now) { try facts.tell($0) }
      return Ship(
        store: store, lock: lock, runner: runner, conditions: conditions, loop: loop,
        files: FollowedSchedule(path: folder.schedulesFile),
        presence: DatabasePresence(path: folder.database))
    } catch {
      try store.close()
      throw error
    }
  }

  /// A process is gone: the kernel lets go of its locks, and its connections with it.
  private func sink(_ ship: Ship) throws {
    try ship.store.close()
    self.ship = nil
  }

  /// A turn of the loop, and the runs that it starts, one after another.
  private func step() async throws {
    guard var ship else { return }
    let wake = ServiceLoop.Wake(signals: sea.isStopWanted ? [.stop] : [], isRung: true)
    sea.isStopWanted = false
    var files = ship.files
    let presence = ship.presence
    let letters = ship.letters
    ship.letters = []
    let effects = try ship.loop.turn(
      now: sea.now, uptime: sea.uptime, letters: letters, wake: wake
    ) {
      .init(schedule: files.look(isForced: $0, calendars: $1), databaseFault: presence?.fault())
    }
    ship.files = files
    self.ship = ship
    for effect in effects {
      switch effect {
      case .start(let run, let job):
        story.append("\(sea.now) starts \(run.firing.slot)")
        let end: Result<RunEnd, any Error>
        do {
          end = .success(try await ship.runner.run(run, job: job, on: worker))
        } catch let crash as Sea.Crash {
          throw crash
        } catch {
          end = .failure(error)
        }
        self.ship?.letters.append(Mailbox.Letter(run: run, end: end))
      case .drain: ship.runner.drain()
      case .interrupt: ship.runner.interrupt()
      // On paper no clock is proven.
      case .readClock: break
      case .tellStorage(let storage): self.ship?.told = storage?.trouble
      case .end(let code, let fault):
        story.append("\(sea.now) leaves with \(code): \(fault?.cause ?? "stopped")")
        judge()
        try sinkIfAfloat("left")
        return
      }
    }
    if born == nil, self.ship?.loop.daemon.unrecorded == 0 { born = sea.now }
    judge()
  }
}

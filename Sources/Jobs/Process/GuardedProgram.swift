import CLinux
import Domain
import Glibc
import Store
import Synchronization

/// A program that runs under a guard (Sources/CLinux/guard.h), in a process group of its own.
///
/// The guard ends the program, and all that came of it, when it is told to, when the program itself
/// has ended, and when this process is gone.
final class GuardedProgram: Sendable {
  private let name: String
  private let input: [UInt8]
  private let guardian: pid_t
  private let lock: JobLock
  private let control: Mutex<Int32>
  /// Our ends of the pipes; the input's is -1 once the program has all of it.
  private let inputEnd: Mutex<Int32>
  private let outputEnd: Int32
  private let errorEnd: Int32

  /// Output is read in parts of so many bytes.
  private static let readSizeBytes = 64 << 10
  /// What is still read of the pipes when all is over: others may hold them open and fill them.
  private static let lastReadsBytes = 1 << 20
  /// The loop turns at least this often, so that output which came in drops is passed on.
  private static let turnMilliseconds: Int32 = 500

  /// Starts a program.
  ///
  /// - Parameter lock: is held until nothing lives any more that came of the program.
  /// - Throws: exit 66 when there is no such program, transient when the machine has no room for it.
  init(_ program: Program, lock: consuming JobLock) throws(Fault) {
    let descriptor = lock.descriptor
    self.lock = lock
    name = program.name
    input = program.input
    let file = try program.file()
    var sockets: [Int32] = [-1, -1]
    let pipes = try ProgramPipes(for: program)
    defer { pipes.closeTheirs() }
    inputEnd = Mutex(pipes.input)
    (outputEnd, errorEnd) = (pipes.output, pipes.error)
    guard
      socketpair(
        AF_UNIX, Int32(SOCK_SEQPACKET.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0, &sockets) == 0
    else {
      let fault = ProgramPipes.lacking(program.name, errno)
      pipes.closeOurs()
      throw fault
    }
    control = Mutex(sockets[0])
    defer { close(sockets[1]) }
    let environment = program.environment.map { "\($0.key)=\($0.value)" }.sorted()
    guardian = CStrings.with(program.arguments) { arguments in
      CStrings.with(environment) { environment in
        CStrings.with([file] + (program.directory.map { [$0] } ?? [])) { paths in
          var description = carillon_program()
          description.path = UnsafePointer(paths[0])
          description.directory = paths[1].map { UnsafePointer($0) }
          description.arguments = UnsafePointer(arguments)
          description.environment = UnsafePointer(environment)
          description.input = pipes.theirs.input
          description.output = pipes.theirs.output
          description.error = pipes.theirs.error
          description.control = sockets[1]
          description.lock = descriptor
          description.patience_ms = Int32(clamping: program.killAfter.milliseconds)
          return OwnChildren.start { carillon_start(&description) }
        }
      }
    }
    if guardian < 0 { throw ProgramPipes.lacking(program.name, errno) }
  }

  deinit {
    closeInput()
    for descriptor in [control.withLock { $0 }, outputEnd, errorEnd] { close(descriptor) }
  }

  private func closeInput() {
    inputEnd.withLock { end in
      if end >= 0 { close(end) }
      end = -1
    }
  }

  /// Asks the program to end: SIGTERM to all that came of it, SIGKILL after a while. Callable from
  /// every thread, and more than once: the shorter while holds.
  func terminate(killAfter: TimeSpan) {
    var word = carillon_word(
      kind: carillon_terminate, value: Int32(clamping: killAfter.milliseconds), detail: 0)
    control.withLock { end in
      // A guard that is gone already needs no telling.
      _ = send(end, &word, MemoryLayout<carillon_word>.size, Int32(MSG_NOSIGNAL))
    }
  }

  /// Ends the guard as the kernel does when memory is short: for tests.
  func killGuard() { kill(guardian, SIGKILL) }

  /// Feeds the program its input and passes on what it prints, until it and all that came of it have
  /// ended. Blocks the calling thread.
  ///
  /// - Parameters:
  ///   - receive: takes a part of the output, as it was read.
  ///   - turn: is called at least twice a second. When either throws, the program is ended first.
  /// - Throws: what the closures throw; exit 66 when the program could not be started after all;
  ///   exit 70, transient, when the guard was killed.
  func supervise(
    receive: (RunStream, UnsafeRawBufferPointer) throws -> Void, turn: () throws -> Void
  ) throws -> ProgramEnd {
    let brokenPipes = BrokenPipes()
    defer { brokenPipes.end() }
    var failure: (any Error)?
    var watch = Watch(self)
    while watch.end == nil {
      watch.wait(Self.turnMilliseconds)
      do {
        try watch.read(limit: Self.readSizeBytes, receive)
        try turn()
      } catch {
        // What cannot be kept is not worth running for; the output is still read, so that the
        // program can end.
        if failure == nil { terminate(killAfter: .zero) }
        failure = failure ?? error
      }
      watch.feed()
      watch.listen()
    }
    do {
      var rest = Self.lastReadsBytes
      while failure == nil, rest > 0 {
        let count = try watch.read(limit: min(rest, Self.readSizeBytes), receive)
        guard count > 0 else { break }
        rest -= count
      }
    } catch {
      failure = error
    }
    if case .ended(_, isStuck: true)? = watch.end {
      OwnChildren.release(guardian)
    } else {
      OwnChildren.reap(guardian)
    }
    if let failure { throw failure }
    return try end(of: watch)
  }

  private func end(of watch: Watch) throws(Fault) -> ProgramEnd {
    switch watch.end {
    case .ended(let leftOthers, let isStuck):
      // Without a status, it is the program itself that cannot be killed.
      return ProgramEnd(
        waitStatus: watch.status ?? SIGKILL, leftOthers: leftOthers, isStuck: isStuck)
    case .refused(let code, let step):
      let cause = String(cString: strerror(code))
      let isTransient = [EAGAIN, ENOMEM, ETXTBSY, EMFILE, ENFILE].contains(code)
      throw Fault(
        "run", name,
        cause: step == carillon_step_directory ? "its directory: \(cause)" : cause,
        remedy: code == ENOEXEC ? "a script needs a first line like #!/bin/sh" : nil,
        exit: isTransient ? .tryAgain : .noInput, isTransient: isTransient)
    case .lost, nil:
      if watch.group > 1 { kill(-watch.group, SIGKILL) }
      throw Fault(
        "run", name, cause: "its guard was killed (out of memory?), and so was the program",
        remedy: "look for what killed it: dmesg", exit: .internal, isTransient: true)
    }
  }

  /// The descriptors that are waited for, and what came of them.
  private struct Watch {
    enum End {
      case ended(leftOthers: Bool, isStuck: Bool)
      case refused(Int32, step: Int32)
      case lost
    }

    var end: End?
    var status: Int32?
    var group: pid_t = 0
    private let program: GuardedProgram
    private var fed = 0
    private var polled: [pollfd]
    private var buffer = [UInt8](repeating: 0, count: GuardedProgram.readSizeBytes)

    init(_ program: GuardedProgram) {
      self.program = program
      polled = [
        pollfd(fd: program.control.withLock { $0 }, events: Int16(POLLIN), revents: 0),
        pollfd(fd: program.outputEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: program.errorEnd, events: Int16(POLLIN), revents: 0),
        pollfd(fd: program.inputEnd.withLock { $0 }, events: Int16(POLLOUT), revents: 0),
      ]
    }

    mutating func wait(_ milliseconds: Int32) {
      _ = poll(&polled, UInt(polled.count), milliseconds)
    }

    /// Reads once from each stream; at the end of one, looks at it no more. Returns how many bytes.
    @discardableResult
    mutating func read(
      limit: Int, _ receive: (RunStream, UnsafeRawBufferPointer) throws -> Void
    ) throws -> Int {
      var total = 0
      for (place, stream) in [(1, RunStream.out), (2, .err)] where polled[place].fd >= 0 {
        let count = Glibc.read(polled[place].fd, &buffer, limit)
        if count == 0 { polled[place].fd = -1 }
        guard count > 0 else { continue }
        total += count
        try buffer.withUnsafeBytes {
          try receive(stream, UnsafeRawBufferPointer(rebasing: $0[..<count]))
        }
      }
      return total
    }

    /// Writes of the input what the program takes now; it need not take all.
    mutating func feed() {
      let input = program.input
      guard polled[3].fd >= 0 else { return }
      while fed < input.count {
        let count = input.withUnsafeBytes {
          write(polled[3].fd, $0.baseAddress! + fed, $0.count - fed)
        }
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN { return }
        guard count > 0 else { break }
        fed += count
      }
      polled[3].fd = -1
      program.closeInput()
    }

    /// Reads what the guard says.
    mutating func listen() {
      while end == nil {
        var word = carillon_word()
        let count = recv(
          polled[0].fd, &word, MemoryLayout<carillon_word>.size, Int32(MSG_DONTWAIT))
        if count < 0, errno == EINTR { continue }
        if count < 0, errno == EAGAIN { return }
        guard count == MemoryLayout<carillon_word>.size else {
          end = .lost
          return
        }
        switch word.kind {
        case carillon_started: group = word.value
        case carillon_refused: end = .refused(word.value, step: word.detail)
        case carillon_exited: status = word.value
        default: end = .ended(leftOthers: word.value != 0, isStuck: word.detail != 0)
        }
      }
    }

  }
}

import ArgumentParser
import Disk
import Domain
import Glibc
import Scheduler
import Service
import StrictYAML

/// `carillon schedule edit`
struct ScheduleEditCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "edit",
    abstract: "Edit the schedules file in your editor; it is written only when it is right.",
    discussion: """
      As visudo does: a copy is edited ($VISUAL, $EDITOR or vi) and checked, mistakes are shown, and \
      the file takes its place whole. Until then a running carillon sees nothing of it. One person at a \
      time.
      """)

  @OptionGroup var global: GlobalOptions

  func run() throws {
    let workspace = try Workspace(global)
    let path = try Self.resolved(workspace.schedulesPath)
    let lock = try Self.lock(path)
    defer { close(lock) }
    let before = try TextFile.read(path)
    let copy = path + ".edit"
    try TextFile.create(copy, before, replace: true)
    defer { unlink(copy) }
    let editor = TextEditor(Workspace.environment())
    while true {
      try editor.edit(copy)
      let text = try TextFile.read(copy)
      if text == before { return Console.out("\(path) is as it was") }
      do {
        let schedule = try workspace.schedule(text, at: path)
        try commit(text, over: before, path)
        let count = schedule.jobs.count == 1 ? "1 job" : "\(schedule.jobs.count) jobs"
        return Console.out("\(path): \(count), written; a running carillon takes it up by itself")
      } catch let diagnostics as Diagnostics {
        Console.report(diagnostics, sources: [path: text])
        guard try asksAgain() else {
          Console.say("\(path) is as it was")
          throw leave(.configuration)
        }
      }
    }
  }

  /// The file itself, where a link leads to it: the link stays.
  private static func resolved(_ path: String) throws(Fault) -> String {
    guard let real = realpath(path, nil) else {
      throw Fault(
        "edit", path, cause: String(cString: strerror(errno)),
        remedy: "write one: carillon init DIR, or name it with --schedules", exit: .noInput)
    }
    defer { free(real) }
    return String(cString: real)
  }

  /// Keeps others from editing at the same time: a lock of the kernel, gone with this process.
  private static func lock(_ path: String) throws(Fault) -> Int32 {
    let descriptor = open(path, O_RDONLY | O_CLOEXEC)
    guard descriptor >= 0, flock(descriptor, LOCK_EX | LOCK_NB) == 0 else {
      let isBusy = errno == EWOULDBLOCK
      throw Fault(
        "edit", path, cause: isBusy ? "somebody edits it now" : String(cString: strerror(errno)),
        remedy: isBusy ? "try again when they are done" : nil, exit: isBusy ? .tryAgain : .io)
    }
    return descriptor
  }

  /// Puts the new text in the place of the old one, with its owner and mode.
  private func commit(_ text: String, over before: String, _ path: String) throws {
    guard try TextFile.read(path) == before else {
      let kept = path + ".yours"
      try TextFile.create(kept, text, replace: true)
      throw Fault(
        "write", path, cause: "somebody else changed it meanwhile",
        remedy: "yours is kept as \(kept): compare them, diff \(path) \(kept)", exit: .tryAgain)
    }
    var status = stat()
    let isKnown = stat(path, &status) == 0
    try TextFile.create(path, text, replace: true)
    guard isKnown else { return }
    guard chmod(path, status.st_mode & 0o7777) == 0,
      chown(path, status.st_uid, status.st_gid) == 0 || errno == EPERM
    else {
      throw Fault("keep the mode of", path, cause: String(cString: strerror(errno)), exit: .io)
    }
  }

  /// Whether to open the editor once more. Where nobody can be asked, no.
  private func asksAgain() throws -> Bool {
    guard isatty(STDIN_FILENO) == 1 else { return false }
    Console.say("edit again (e), or leave the file as it was (x)? ", isWholeLine: false)
    while let answer = readLine() {
      switch answer.lowercased() {
      case "e", "": return true
      case "x", "q": return false
      default: Console.say("e or x? ", isWholeLine: false)
      }
    }
    return false
  }
}

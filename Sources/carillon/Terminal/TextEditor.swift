import Domain
import Glibc

/// The editor of whoever calls: VISUAL, else EDITOR, else vi, as crontab and visudo choose it.
struct TextEditor {
  private let command: String

  /// The editor that an environment names.
  init(_ environment: [String: String]) {
    let named = [environment["VISUAL"], environment["EDITOR"]].compactMap(\.self)
    command = named.first { $0.contains { !$0.isWhitespace } } ?? "vi"
  }

  /// Opens a file and waits until the editor ends.
  ///
  /// - Throws: exit 1 when it ends with a failure, 69 when there is no such editor.
  func edit(_ path: String) throws(Fault) {
    // A shell reads the command, so that `EDITOR='code --wait'` works.
    let words = ["/bin/sh", "-c", command + " \"$1\"", "sh", path]
    var arguments = words.map { strdup($0) } + [nil]
    defer { arguments.forEach { free($0) } }
    var child = pid_t()
    let code = posix_spawn(&child, words[0], nil, nil, &arguments, environ)
    guard code == 0 else { throw failure(String(cString: strerror(code))) }
    var status: Int32 = 0
    while waitpid(child, &status, 0) < 0, errno == EINTR {}
    // As <bits/waitstatus.h> has it: the signal in the low seven bits, the exit code above.
    let (signal, exit) = (status & 0x7f, (status >> 8) & 0xff)
    guard signal == 0, exit != 127 else {
      throw failure(signal == 0 ? "there is no such program" : "signal \(signal) ended it")
    }
    guard exit == 0 else { throw failure("it ended with \(exit)", exit: .no) }
  }

  private func failure(_ cause: String, exit: ExitCode = .unavailable) -> Fault {
    Fault(
      "edit with", command, cause: "\(cause); nothing was changed",
      remedy: "name another: EDITOR=nano carillon schedule edit", exit: exit)
  }
}

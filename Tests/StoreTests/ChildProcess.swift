import Glibc
import Testing

/// This test program once more, as a process of its own that runs one test and can be killed.
///
/// The test is enabled by an environment variable that only the child has, and tells its parent
/// how far it is by a line on file descriptor 3.
final class ChildProcess {
  private let process: pid_t
  private let pipe: Int32
  private var isGone = false

  static let report: Int32 = 3
  static let variable = "CARILLON_STORE_TEST_CHILD"

  /// The database that this process is a child for; nil in the parent.
  static var database: String? { getenv(variable).map { String(cString: $0) } }

  /// Starts the test of a name, on a database.
  init(test: String, database: String) throws {
    var ends: [Int32] = [0, 0]
    try #require(Glibc.pipe(&ends) == 0)
    for end in ends { _ = fcntl(end, F_SETFD, FD_CLOEXEC) }
    var actions = posix_spawn_file_actions_t()
    posix_spawn_file_actions_init(&actions)
    defer { posix_spawn_file_actions_destroy(&actions) }
    // dup2 clears close-on-exec, unless both numbers are equal, so the write end is moved away.
    let write = fcntl(ends[1], F_DUPFD_CLOEXEC, 10)
    close(ends[1])
    posix_spawn_file_actions_adddup2(&actions, write, Self.report)
    posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0)
    posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
    var environment: [String] = ["\(Self.variable)=\(database)"]
    var entry = environ
    while let text = entry.pointee {
      environment.append(String(cString: text))
      entry += 1
    }
    var arguments = CommandLine.arguments
    // What chose the parent's tests, and where it reports, is not for the child.
    for option in ["--filter", "--skip", "--xunit-output", "--event-stream-output-path"] {
      while let index = arguments.firstIndex(of: option), index + 1 < arguments.count {
        arguments.removeSubrange(index...index + 1)
      }
    }
    var pid: pid_t = 0
    let code = Self.withCStrings(arguments + ["--filter", test]) { argv in
      Self.withCStrings(environment) { envp in
        posix_spawn(&pid, "/proc/self/exe", &actions, nil, argv, envp)
      }
    }
    close(write)
    try #require(code == 0, "posix_spawn: \(String(cString: strerror(code)))")
    process = pid
    pipe = ends[0]
  }

  deinit {
    if !isGone { kill() }
    close(pipe)
  }

  /// Waits for so many bytes of reports.
  func await(_ count: Int = 1) throws {
    var byte: UInt8 = 0
    for _ in 0..<count {
      try #require(read(pipe, &byte, 1) == 1, "the child ended before it reported")
    }
  }

  /// Ends the process as a power cut would, and waits until it is gone.
  func kill() {
    Glibc.kill(process, SIGKILL)
    var status: Int32 = 0
    waitpid(process, &status, 0)
    isGone = true
  }

  /// Tells the parent, from the child.
  static func reportProgress() {
    var byte: UInt8 = 1
    _ = Glibc.write(report, &byte, 1)
  }

  /// Waits to be killed; a parent that dies kills its child too.
  static func waitForDeath() -> Never {
    while true { pause() }
  }

  private static func withCStrings<R>(
    _ strings: [String], _ body: ([UnsafeMutablePointer<CChar>?]) -> R
  ) -> R {
    let copies = strings.map { strdup($0) }
    defer { for copy in copies { free(copy) } }
    return body(copies + [nil])
  }
}

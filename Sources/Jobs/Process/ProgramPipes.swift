import CLinux
import Domain
import Glibc

/// The three standard streams of a program: our ends, which do not block, and its ends, which do.
struct ProgramPipes {
  /// Where we write its input; -1 when it reads /dev/null.
  var input: Int32
  /// Where we read its output.
  var output: Int32
  /// Where we read its errors.
  var error: Int32
  /// Its own ends: 0, 1 and 2 to be.
  var theirs: (input: Int32, output: Int32, error: Int32)

  /// Opens the pipes of a program.
  ///
  /// - Throws: a transient fault when the machine has no descriptors left.
  init(for program: Program) throws(Fault) {
    var opened: [Int32] = []
    func pipe() throws(Fault) -> (reading: Int32, writing: Int32) {
      var ends: [Int32] = [-1, -1]
      guard pipe2(&ends, O_CLOEXEC) == 0 else {
        let fault = Self.lacking(program.name, errno)
        opened.forEach { close($0) }
        throw fault
      }
      opened += ends
      return (ends[0], ends[1])
    }
    let out = try pipe()
    let err = try pipe()
    var `in`: (reading: Int32, writing: Int32) = (-1, -1)
    if program.input.isEmpty {
      `in`.reading = open("/dev/null", O_RDONLY | O_CLOEXEC)
    } else {
      `in` = try pipe()
    }
    guard `in`.reading >= 0 else {
      let fault = Self.lacking(program.name, errno)
      opened.forEach { close($0) }
      throw fault
    }
    (input, output, error) = (`in`.writing, out.reading, err.reading)
    theirs = (`in`.reading, out.writing, err.writing)
    for end in [input, output, error] where end >= 0 { _ = fcntl(end, F_SETFL, O_NONBLOCK) }
  }

  /// Closes the program's ends, of which it has copies.
  func closeTheirs() {
    for end in [theirs.input, theirs.output, theirs.error] { close(end) }
  }

  /// Closes ours, where nobody has taken them over.
  func closeOurs() {
    for end in [input, output, error] where end >= 0 { close(end) }
  }

  /// The fault of a machine that has no room for another process.
  static func lacking(_ name: String, _ code: Int32) -> Fault {
    Fault(
      "run", name, cause: String(cString: strerror(code)),
      remedy: "the machine is short of processes, descriptors or memory", exit: .tryAgain,
      isTransient: true)
  }
}

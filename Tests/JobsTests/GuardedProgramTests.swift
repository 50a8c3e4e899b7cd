import Domain
import Glibc
import Store
import Testing

@testable import Jobs

/// What a program printed, for tests that run one.
private struct Printed {
  var out: [UInt8] = []
  var err: [UInt8] = []
  var end: ProgramEnd?

  var text: String { String(decoding: out, as: UTF8.self) }

  /// Runs a program to its end; `onOutput` sees all that came on standard output so far.
  init(
    _ arguments: [String], input: [UInt8] = [], environment: [String: String]? = nil,
    directory: String? = nil, killAfter: TimeSpan = .seconds(10),
    onOutput: (GuardedProgram, [UInt8]) throws -> Void = { _, _ in }
  ) throws {
    let program = Program(
      arguments: arguments, environment: environment ?? ProcessEnvironment.inherited,
      directory: directory, input: input, killAfter: killAfter)
    let child = try GuardedProgram(program, lock: .none)
    var (out, err): ([UInt8], [UInt8]) = ([], [])
    end = try child.supervise { stream, bytes in
      if stream == .out {
        out += bytes
        try onOutput(child, out)
      } else {
        err += bytes
      }
    } turn: {
    }
    (self.out, self.err) = (out, err)
  }

  static func shell(_ script: String) -> [String] { ["/bin/sh", "-c", script] }
}

/// Whether a process lives; one that is dead and was not waited for does not.
private func isAlive(_ pid: pid_t) -> Bool {
  guard let file = fopen("/proc/\(pid)/stat", "re") else { return false }
  defer { fclose(file) }
  var line = [UInt8](repeating: 0, count: 512)
  let count = fread(&line, 1, line.count, file)
  // PID (NAME) STATE: Z is dead, X is gone.
  let rest = line.prefix(count).split(separator: 41).last ?? []
  return ![UInt8(ascii: "Z"), UInt8(ascii: "X")].contains(rest.dropFirst().first ?? 88)
}

/// Real programs under a guard.
@Suite struct GuardedProgramTests {
  @Test(
    arguments: [
      (["true"], .code(0)), (["false"], .code(1)), (Printed.shell("exit 75"), .code(75)),
      (Printed.shell("exit 255"), .code(255)), (Printed.shell("kill -9 $$"), .signal(SIGKILL)),
      (Printed.shell("kill -TERM $$"), .signal(SIGTERM)),
      (Printed.shell("kill -SEGV $$"), .signal(SIGSEGV)),
    ] as [([String], ProgramEnd.Status)])
  func tellsHowTheProgramEnded(_ arguments: [String], _ status: ProgramEnd.Status) throws {
    let printed = try Printed(arguments)
    #expect(printed.end?.status == status)
    #expect(printed.end?.leftOthers == false)
  }

  @Test func passesArgumentsAsTheyAre() throws {
    let odd = ["a b", "", "*", "$HOME", "'\"\\", "ä\n"]
    let printed = try Printed(["printf", "<%s>"] + odd)
    #expect(printed.text == odd.map { "<\($0)>" }.joined())
  }

  @Test func keepsTheStreamsApart() throws {
    let printed = try Printed(Printed.shell("echo one; echo two >&2"))
    #expect(printed.text == "one\n")
    #expect(printed.err == Array("two\n".utf8))
  }

  @Test func startsWhereAndWithWhatItIsTold() throws {
    let printed = try Printed(
      Printed.shell("pwd; echo \"$A\"; env | sort"), environment: ["A": "b c", "PATH": "/bin"],
      directory: "/proc")
    let lines = printed.text.split(separator: "\n").map(String.init)
    #expect(lines.prefix(2) == ["/proc", "b c"])
    #expect(Set(lines.dropFirst(2)) == ["A=b c", "PATH=/bin", "PWD=/proc"])
  }

  @Test func hasThreeDescriptorsAGroupAndDefaultSignals() throws {
    // A descriptor without close-on-exec, as a careless library leaves one.
    let careless = open("/dev/null", O_RDONLY)
    defer { close(careless) }
    // The fourth is the folder that ls reads.
    #expect(try Printed(["ls", "/proc/self/fd"]).text == "0\n1\n2\n3\n")
    let status = try Printed(["cat", "/proc/self/status"]).text.split(separator: "\n")
    for name in ["SigBlk:\t", "SigIgn:\t"] {
      let line = try #require(status.first { $0.hasPrefix(name) })
      let mask = try #require(UInt64(line.dropFirst(name.count), radix: 16))
      // 32 and 33 are the C library's own, which nobody may change.
      #expect(mask & ~(1 << 31 | 1 << 32) == 0)
    }
    // PID (NAME) STATE PPID PGRP
    let fields = try Printed(["cat", "/proc/self/stat"]).text.split(separator: " ")
    #expect(fields[0] == fields[4])
  }

  @Test func feedsMoreThanAPipeHolds() throws {
    // 4 MB against a pipe's 64 kB, echoed while it is read.
    let input = (0..<4_000_000).map { UInt8($0 % 251) }
    #expect(try Printed(["cat"], input: input).out == input)
  }

  @Test func aProgramNeedNotReadItsInput() throws {
    let printed = try Printed(
      Printed.shell("echo done"), input: [UInt8](repeating: 1, count: 1 << 20))
    #expect(printed.end?.status == .code(0))
    #expect(printed.text == "done\n")
  }

  @Test func withoutInputItReadsNothing() throws {
    #expect(try Printed(["cat"]).out.isEmpty)
  }

  @Test func outputOfAnyBytesArrivesWhole() throws {
    let printed = try Printed(["head", "-c", "3000000", "/dev/urandom"])
    #expect(printed.out.count == 3_000_000)
  }

  @Test func sigtermEndsWhatDoesNotIgnoreIt() throws {
    let printed = try Printed(
      Printed.shell("trap 'echo bye; exit 3' TERM; echo ready; while :; do sleep 0.01; done")
    ) { child, out in
      if out == Array("ready\n".utf8) { child.terminate(killAfter: .seconds(20)) }
    }
    #expect(printed.end?.status == .code(3))
    #expect(printed.text == "ready\nbye\n")
  }

  @Test func sigkillEndsWhatIgnoresSigterm() throws {
    let printed = try Printed(
      Printed.shell("trap '' TERM; echo ready; while :; do sleep 1; done")
    ) { child, _ in child.terminate(killAfter: .milliseconds(50)) }
    #expect(printed.end?.status == .signal(SIGKILL))
  }

  /// A child in the group, one in a session of its own, and a daemon: each keeps the pipes open and
  /// ignores SIGTERM.
  @Test(arguments: ["\(ignoring) &", "setsid \(ignoring) &", "(setsid \(ignoring) &) &"])
  func whatIsLeftBehindIsEnded(_ start: String) throws {
    let ready = "/tmp/carillon-left-behind-\(UInt64.random(in: 0 ... .max))"
    defer { unlink(ready) }
    let printed = try Printed(
      Printed.shell("export READY=\(ready); \(start) until [ -e $READY ]; do sleep 0.01; done"),
      killAfter: .milliseconds(50))
    #expect(printed.end?.status == .code(0))
    #expect(printed.end?.leftOthers == true)
    let pid = try #require(pid_t(printed.text.dropLast()))
    #expect(!isAlive(pid))
  }

  static let ignoring =
    "sh -c 'trap \"\" TERM; echo $$; : >$READY; exec sleep 1000'"

  @Test func cancellingEndsTheGrandchildrenToo() throws {
    var pids: [pid_t] = []
    let printed = try Printed(
      Printed.shell("sleep 1000 & echo $!; setsid sleep 1000 & echo $!; echo $$; wait")
    ) { child, out in
      guard out.count(where: { $0 == 10 }) == 3 else { return }
      pids = String(decoding: out, as: UTF8.self).split(separator: "\n").compactMap { pid_t($0) }
      child.terminate(killAfter: .seconds(20))
    }
    #expect(printed.end?.status == .signal(SIGTERM))
    #expect(pids.count == 3)
    #expect(pids.filter(isAlive) == [])
  }

  @Test func anErrorWhileReadingEndsTheProgram() throws {
    let fault = Fault("keep", "output", cause: "the disk is full", exit: .io)
    #expect(throws: fault) {
      try Printed(Printed.shell("trap '' TERM; yes")) { _, _ in throw fault }
    }
  }

  @Test func aGuardThatIsKilledTakesTheProgramAlong() throws {
    var pid: pid_t = 0
    let fault = #expect(throws: Fault.self) {
      try Printed(Printed.shell("echo $$; exec sleep 1000")) { child, out in
        pid = try #require(pid_t(String(decoding: out.dropLast(), as: UTF8.self)))
        child.killGuard()
      }
    }
    #expect(fault?.isTransient == true)
    #expect(fault?.cause.contains("its guard was killed") == true)
    #expect(pid > 0)
  }

  @Test func theGuardGivesItsShareOfMemoryBack() throws {
    // 256 MB of ours, which a fork shares; the program looks at its parent, the guard.
    let large = UnsafeMutableRawBufferPointer.allocate(byteCount: 256 << 20, alignment: 4096)
    defer { large.deallocate() }
    for place in stride(from: 0, to: large.count, by: 4096) { large[place] = 1 }
    // The guard gives back a moment after the program has begun, so that is waited for.
    let printed = try Printed(
      Printed.shell(
        """
        n=0
        while [ $n -lt 2000 ]; do
          kb=$(awk '/^Anonymous:/ {print $2}' /proc/$PPID/smaps_rollup)
          [ "$kb" -lt 131072 ] && exit 0
          n=$((n + 1))
        done
        exit 1
        """))
    #expect(printed.end?.status == .code(0))
  }

  /// What cannot be started, and what is said of it.
  @Test(
    arguments: [
      ("no-such-program-here", nil, "there is no such program on the PATH"),
      ("/no/such/file", nil, "there is no file /no/such/file"),
      ("/etc/passwd", nil, "/etc/passwd may not be run"),
      ("/tmp", nil, "/tmp may not be run"),
      ("true", "/no/such/folder", "its directory /no/such/folder: No such file or directory"),
      ("true", "/etc/passwd", "/etc/passwd is not a directory"),
    ] as [(String, String?, String)])
  func saysWhyAProgramCannotStart(_ name: String, _ directory: String?, _ words: String) {
    let fault = #expect(throws: Fault.self) { try Printed([name], directory: directory) }
    #expect(fault?.cause.hasPrefix(words) == true, "\(fault?.cause ?? "")")
    #expect(fault?.exit == .noInput)
    #expect(fault?.isTransient == false)
    #expect(fault?.remedy != nil)
  }
}

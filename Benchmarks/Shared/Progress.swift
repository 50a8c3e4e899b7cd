import Glibc

/// How long a prover has been at work, and whether it is time to say how far it is: once a minute, and in
/// the end. Called from one thread.
struct Progress {
  private let began = Self.now(CLOCK_MONOTONIC)
  private var told = Self.now(CLOCK_MONOTONIC)

  /// Prints a line, once a minute unless it is the last, with the time and the processor time so far.
  mutating func tell(_ line: @autoclosure () -> String, isLast: Bool = false) {
    let time = Self.now(CLOCK_MONOTONIC)
    guard isLast || time - told > 60 else { return }
    told = time
    let processor = Self.now(CLOCK_PROCESS_CPUTIME_ID)
    print("\(line()) (\(Int(time - began)) s, \(Int(processor)) s of CPU)")
    fflush(nil)
  }

  private static func now(_ clock: clockid_t) -> Double {
    var time = timespec()
    clock_gettime(clock, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
  }
}

import Glibc
import Service

/// What the process has used.
enum Figures {
  /// Processor time of all threads.
  static func cpuNanoseconds() -> Int64 { read(CLOCK_PROCESS_CPUTIME_ID) }

  /// The wall clock, finer than the product's milliseconds.
  static func wallNanoseconds() -> Int64 { read(CLOCK_REALTIME) }

  /// Prints a line of figures on standard error: standard output takes the service's log.
  static func say(_ line: String) { StandardStream.error.write(line: line) }

  /// The middle one.
  static func median(_ values: [Int64]) -> Int64 { values.sorted()[values.count / 2] }

  /// The value that so many in a thousand do not exceed.
  static func quantile(_ sorted: [Int64], perMille: Int) -> Int64 {
    sorted[min(sorted.count - 1, sorted.count * perMille / 1000)]
  }

  /// Resident and anonymous memory, in kB.
  static func memory() -> (resident: Int, anonymous: Int) {
    guard let file = fopen("/proc/self/status", "r") else { return (0, 0) }
    defer { fclose(file) }
    var line = [CChar](repeating: 0, count: 256)
    var found: [String: Int] = [:]
    while fgets(&line, 256, file) != nil {
      let words = String(
        decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self
      )
      .split(whereSeparator: \.isWhitespace)
      if words.count >= 2, let value = Int(words[1]) { found[String(words[0])] = value }
    }
    return (found["VmRSS:"] ?? 0, found["RssAnon:"] ?? 0)
  }

  private static func read(_ clock: clockid_t) -> Int64 {
    var time = timespec()
    clock_gettime(clock, &time)
    return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
  }
}

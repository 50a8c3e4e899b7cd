import Disk
import Domain
import Glibc

/// What the system tells of this process, for the `process_` metrics.
struct ProcessFigures: Hashable, Sendable {
  /// Memory in RAM, shared pages included.
  var residentBytes: Int64
  /// Address space.
  var virtualBytes: Int64
  /// Processor time used, in user and kernel mode.
  var processorTime: TimeSpan
  /// File descriptors that are open.
  var openFiles: Int
  /// Threads.
  var threads: Int

  /// The figures now; nil where the system does not tell (it is not Linux, or hides /proc).
  static func read() -> ProcessFigures? {
    guard let status = TextFile.contents("/proc/self/stat"),
      let fields = fields(ofStat: status), let files = openFiles()
    else { return nil }
    let ticks = Int64(sysconf(Int32(_SC_CLK_TCK)))
    let page = Int64(sysconf(Int32(_SC_PAGESIZE)))
    return ProcessFigures(
      residentBytes: fields.residentPages * page, virtualBytes: fields.virtualBytes,
      processorTime: .milliseconds(fields.ticks * 1000 / max(ticks, 1)), openFiles: files,
      threads: Int(fields.threads))
  }

  /// How many descriptors are open, but that with which they were counted.
  private static func openFiles() -> Int? {
    do { return try Folder.namesIfAny(in: "/proc/self/fd").map { $0.count - 1 } } catch {
      return nil
    }
  }

  /// The fields of /proc/PID/stat that matter. The name of the process may hold spaces and
  /// parentheses, so counting begins behind the last one. Source: proc(5); there the state is field
  /// 3, utime 14, stime 15, num_threads 20, vsize 23, rss 24.
  static func fields(
    ofStat text: String
  ) -> (ticks: Int64, threads: Int64, virtualBytes: Int64, residentPages: Int64)? {
    guard let end = text.lastIndex(of: ")") else { return nil }
    let fields = text[text.index(after: end)...].split(separator: " ").map { Int64($0) ?? 0 }
    guard fields.count > 21 else { return nil }
    return (fields[11] + fields[12], fields[17], fields[20], fields[21])
  }
}

import CLinux
import Disk
public import Domain
import Glibc

/// What a limit of the system (`ulimit -v`, `ulimit -d`) leaves of a process's memory.
///
/// Where memory ends in the middle of work there is no error: Swift traps, and its threads' library waits
/// for ever for what it is not given, a second at a time. So it is asked for at the start.
public struct MemoryRoom: Hashable, Sendable {
  /// What the limit is of.
  public enum Kind: Sendable {
    /// Addresses, whether they are used or not (`RLIMIT_AS`).
    case addresses
    /// What is written to, and the stack of each thread (`RLIMIT_DATA`).
    case data
  }

  /// What the limit is of.
  public var kind: Kind
  /// The limit.
  public var limitBytes: UInt64
  /// What is taken already.
  public var usedBytes: UInt64

  /// A room of these figures.
  public init(_ kind: Kind, limitBytes: UInt64, usedBytes: UInt64) {
    (self.kind, self.limitBytes, self.usedBytes) = (kind, limitBytes, usedBytes)
  }

  /// Refuses to start where a limit of this process leaves less than what is needed. Where there is a
  /// limit and it leaves enough, addresses are kept for the stacks of threads from now on.
  ///
  /// - Throws: exit 69 when there is too little room.
  public static func require(_ neededBytes: UInt64) throws(Fault) {
    let rooms = ofThisProcess()
    for room in rooms { if let fault = room.fault(needing: neededBytes) { throw fault } }
    if !rooms.isEmpty { carillon_one_arena() }
  }

  /// The fault of a start that needs so much; nil where there is room for it.
  public func fault(needing neededBytes: UInt64) -> Fault? {
    let left = limitBytes > usedBytes ? limitBytes - usedBytes : 0
    guard left < neededBytes else { return nil }
    let (what, option) = kind == .addresses ? ("addresses", "-v") : ("data", "-d")
    return Fault(
      "start", "carillon",
      cause:
        "of the \(limitBytes >> 20) MiB of \(what) that are allowed \(left >> 20) are left, and it "
        + "needs \(neededBytes >> 20)",
      remedy: "raise the limit: ulimit \(option) \((usedBytes + neededBytes + 1023) >> 10)",
      exit: .unavailable)
  }

  /// The limits that this process has.
  private static func ofThisProcess() -> [Self] {
    let limits = [(.addresses, limit(RLIMIT_AS)), (.data, limit(RLIMIT_DATA))] as [(Kind, UInt64?)]
    guard limits.contains(where: { $0.1 != nil }), let used = used() else { return [] }
    return limits.compactMap { kind, limit in
      limit.map {
        Self(kind, limitBytes: $0, usedBytes: kind == .addresses ? used.addresses : used.data)
      }
    }
  }

  private static func limit(_ resource: __rlimit_resource) -> UInt64? {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(resource.rawValue), &limit) == 0, limit.rlim_cur != .max
    else { return nil }
    return UInt64(limit.rlim_cur)
  }

  /// The first and the sixth figure of proc_pid_statm(5), in pages.
  private static func used() -> (addresses: UInt64, data: UInt64)? {
    guard let text = TextFile.contents("/proc/self/statm") else { return nil }
    let pages = text.split(whereSeparator: \.isWhitespace).compactMap { UInt64($0) }
    guard pages.count == 7 else { return nil }
    let page = UInt64(getpagesize())
    return (pages[0] * page, pages[5] * page)
  }
}

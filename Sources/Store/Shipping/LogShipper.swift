import Cryptography
import Disk
public import Domain
import GRDB
import Glibc

/// Ships the write-ahead log of a database: copies what was committed into segments of the spool, and
/// folds the log into the database only after that. One at a time, on one thread.
///
/// Nobody else folds while the spool is on, so the log goes on from where it was read to. Where it does
/// not (another program's checkpoint, a restored or compacted database, a lost spool), that shows in
/// salts, checksums or the time of the database's file, and a new generation begins with a new base.
public final class LogShipper {
  /// Where the log goes.
  public let spool: LogSpool
  let store: Store
  let limits: Limits
  let reader: DatabaseQueue
  let folder: DatabaseQueue
  var generation: Generation?
  /// How often history was cut, because the log had grown too long to wait.
  public private(set) var cuts = 0

  /// What a turn did.
  public enum Outcome: Hashable, Sendable {
    /// Nothing was committed since.
    case nothing
    /// So many frames were shipped.
    case shipped(frames: Int64)
    /// A new base was made, and why.
    case began(generation: Int64, reason: String)
    /// A new base is due, and a reader that is at work does not let the log be folded yet.
    case waiting(reason: String)
  }

  /// What is known of the newest generation.
  struct Generation {
    var base: ShippedBase
    var sequence: Int64
    var position: LogPosition
    var previous: String
    var bytes: Int64
    /// The database's file as it was left when all up to `position` was folded into it; nil while
    /// something is not.
    var folded: FileState?
  }

  /// A shipper of an open database, whose spool is on.
  ///
  /// - Throws: a `Fault` of the database or the disk.
  public init(_ store: Store, limits: Limits = Limits()) throws {
    self.store = store
    self.limits = limits
    spool = LogSpool(database: store.path)
    try spool.turn(on: true)
    reader = try Self.connect(store.path)
    folder = try Self.connect(store.path)
    generation = try resume()
    try hold()
  }

  /// Ships what was committed; folds the log when it has grown.
  ///
  /// - Parameter now: tells when it is, once it is settled what is shipped: so nothing in a segment was
  ///   committed after the time that it bears, to the millisecond.
  /// - Throws: a `Fault` of the database or the disk; what was shipped stays.
  public func ship(at now: @autoclosure () -> Instant) throws -> Outcome {
    do {
      return try turn(at: now)
    } catch {
      try cutIfTooLong()
      throw error
    }
  }

  private func turn(at now: () -> Instant) throws -> Outcome {
    guard let current = generation else { return try begin(at: now, "there is none yet") }
    let age = now() - current.base.time
    if age >= limits.maximumAge { return try begin(at: now, "the base is \(age.rounded) old") }
    if current.bytes >= max(limits.segmentBytes, current.base.sums.size) {
      return try begin(at: now, "the segments are larger than \(current.bytes) bytes")
    }
    switch try follow(at: now) {
    case .failure(let reason): return try begin(at: now, reason.words)
    case .success(let frames):
      if let generation, generation.folded == nil, generation.position.frames >= limits.foldFrames {
        try fold(at: now)
      }
      try hold()
      return frames == 0 ? .nothing : .shipped(frames: frames)
    }
  }

  /// Ships what is left and folds the log, so that the database is one file again. Nobody may write
  /// meanwhile.
  ///
  /// - Throws: a `Fault` of the database or the disk.
  public func drain(at now: @autoclosure () -> Instant) throws {
    guard generation != nil else { return }
    if case .success = try follow(at: now) { try fold(at: now) }
  }

  /// Closes the connections. The log stays as it is.
  public func close() throws {
    try StoreFault.mapping("close the database", store.path) {
      try release()
      try reader.close()
      try folder.close()
    }
  }

  private struct Break: Error { var words: String }

  /// Ships what follows the position; or says why it cannot be told what does.
  private func follow(at now: () -> Instant) throws -> Result<Int64, Break> {
    guard var current = generation else { return .failure(Break(words: "there is none yet")) }
    guard let log = try LogReader(of: store.path) else {
      // Of a log that was taken away all was in the database, or something is lost.
      guard current.folded == (try FileState(of: store.path)) else {
        return .failure(Break(words: "the log was taken away by another program"))
      }
      return .success(0)
    }
    if log.header.salts != current.position.salts {
      guard let folded = current.folded else {
        return .failure(Break(words: "the log was begun anew before it was shipped"))
      }
      guard folded == (try FileState(of: store.path)) else {
        return .failure(Break(words: "another program wrote to the database's file"))
      }
      current.position = log.header.start
    } else {
      guard try log.holds(current.position) else {
        return .failure(Break(words: "the log is not as it was when it was shipped"))
      }
    }
    let start = current.position
    let end = try log.end(after: start)
    guard let pages = end.pages else { return .success(0) }
    let header = ShippedSegment(
      sequence: current.sequence + 1, time: now(), header: log.header, from: start,
      to: end.position, pages: pages, previous: current.previous)
    let sums = try write(header, log, to: current.base.generation)
    current.sequence += 1
    current.position = end.position
    current.previous = sums.sha256
    current.bytes += sums.size
    current.folded = nil
    generation = current
    return .success(header.frames)
  }

  private func write(
    _ header: ShippedSegment, _ log: borrowing LogReader, to generation: Int64
  ) throws -> ZstdFrame.Sums {
    let name = LogSpool.Segment(sequence: header.sequence, time: header.time).name
    let path = "\(spool.folder(generation))/\(name)"
    let raw = try NewFile(path + ".raw")
    try raw.write(Array(header.line.utf8))
    var bytes = [UInt8](repeating: 0, count: log.header.frameBytes)
    for frame in header.firstFrame..<header.end.frames {
      guard try log.read(frame: frame, into: &bytes) == bytes.count else {
        throw LogSpool.damaged(store.path + "-wal", "it became shorter while it was read")
      }
      try raw.write(Array(bytes[..<8]))
      try bytes.withUnsafeBytes {
        try raw.write(UnsafeRawBufferPointer(rebasing: $0[LogFrame.headerBytes...]))
      }
    }
    var file = try NewFile(path)
    let sums = try ZstdFrame.compress(raw.temporary, to: file) {}
    try file.commit()
    return sums
  }

  /// Folds the log. No commit may come between the last shipping and the end of the folding, since
  /// whoever writes afterwards may begin the log anew; so the lock of writers is held, and before it is
  /// taken most of the log is folded without it.
  private func fold(at now: () -> Instant) throws {
    // While the reader holds what was shipped, no more than that is folded.
    try checkpoint()
    try store.withoutWriters {
      guard case .success = try follow(at: now) else { return }
      try release()
      guard try checkpoint() else { return }
      generation?.folded = try FileState(of: store.path)
    }
    guard let current = generation, let folded = current.folded else { return }
    try NewFile.write(
      "\(current.sequence) \(folded.text)\n",
      to: "\(spool.folder(current.base.generation))/folded")
  }

  /// Begins a generation with a base of the database as it is.
  private func begin(at now: () -> Instant, _ reason: String) throws -> Outcome {
    var position = LogPosition(salts: 0, frames: 0, checksum: LogChecksum())
    var folded: FileState?
    try store.withoutWriters {
      try release()
      guard try checkpoint() else { return }
      if let log = try LogReader(of: store.path) {
        position = try log.end(after: log.header.start).position
      }
      folded = try FileState(of: store.path)
      // From now on nothing of the log is folded until this reader lets go: the file stays as it is.
      try hold()
    }
    guard let folded else { return .waiting(reason: reason) }
    let time = now()
    let number = (try spool.numbers().last ?? 0) + 1
    let path = spool.folder(number)
    try Folder.make(path)
    let (pageBytes, sums) = try writeBase(to: "\(path)/base.db.zst")
    let base = ShippedBase(
      generation: number, time: time, pageBytes: pageBytes, position: position, sums: sums,
      reason: reason)
    try NewFile.write("0 \(folded.text)\n", to: "\(path)/folded")
    try NewFile.write(base.text, to: "\(path)/base.json")
    try Folder.sync(spool.path)
    generation = Generation(
      base: base, sequence: 0, position: position, previous: SHA256.hexadecimal(base.text.utf8),
      bytes: 0, folded: folded)
    try prune()
    return .began(generation: number, reason: reason)
  }

  /// Where the log has grown too long because it cannot be shipped, it is folded all the same.
  private func cutIfTooLong() throws {
    var status = stat()
    guard stat(store.path + "-wal", &status) == 0,
      Int64(status.st_size) > limits.maximumLogFrames * Int64(4096 + LogFrame.headerBytes)
    else { return }
    try release()
    if generation != nil { cuts += 1 }
    generation = nil
    try checkpoint()
    try hold()
  }
}

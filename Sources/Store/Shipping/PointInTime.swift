import Disk
public import Domain
import Glibc

/// The database as it was at a time, from the newest base before it and the log that was shipped since.
public struct PointInTime: Sendable {
  /// Where the log was shipped to.
  public let spool: LogSpool

  /// From a spool.
  public init(_ spool: LogSpool) { self.spool = spool }

  /// What can be had.
  public struct Span: Hashable, Sendable {
    /// The first time.
    public var from: Instant
    /// The last time: what was committed later is not shipped.
    public var through: Instant
  }

  /// The times that can be had, oldest first, one span a generation.
  public func spans() throws -> [Span] {
    try spool.generations().map { number in
      let base = try spool.base(number).base
      return Span(from: base.time, through: try spool.segments(number).last?.time ?? base.time)
    }
  }

  /// The database as it was, in a file of the spool's folder. As long as this is there, nobody takes the
  /// file for one that a killed restore left.
  public struct Written: Sendable {
    /// The name of the file.
    public var name: String
    /// The last shipping before the time that was asked for.
    public var time: Instant
    fileprivate let place: Place
  }

  /// Writes the database as it was at a time into the spool's folder, as a snapshot without a
  /// description, which `SnapshotFolder.describe` and `restore` take. Whoever asks removes it.
  ///
  /// What was committed before the last shipping at or before the time began is in it; of what was
  /// committed after that time, nothing. What killed restores left is removed first.
  ///
  /// - Throws: exit 66 when nothing reaches back so far, 65 when a segment is missing, damaged, or of
  ///   another log.
  public func write(
    at time: Instant, checkpoint: () throws -> Void = {}
  ) throws -> Written {
    var chosen: (base: ShippedBase, sha256: String)?
    for number in try spool.generations() {
      let found = try spool.base(number)
      if found.base.time <= time { chosen = found }
    }
    guard let (base, baseHash) = chosen else {
      let first = try spans().first
      throw Fault(
        "restore to", "\(time)",
        cause: first.map { "the shipped log begins at \($0.from)" }
          ?? "no log was shipped to \(spool.path)",
        remedy: "use a snapshot: carillon snapshot list", exit: .noInput)
    }
    let place = try Place(in: spool.path)
    let name = "AT-\(time.milliseconds).db.zst"
    let target = "\(spool.path)/\(name)"
    let raw = "\(spool.path)/.AT-\(time.milliseconds).db.tmp"
    unlink(raw)
    defer { unlink(raw) }
    let image = try PageImage(raw, pageBytes: base.pageBytes)
    try image.write(base, "\(spool.folder(base.generation))/base.db.zst", checkpoint)
    var reached = base.time
    var (position, previous) = (base.position, baseHash)
    for (index, segment) in try spool.segments(base.generation).enumerated() {
      guard segment.time <= time else { break }
      try checkpoint()
      let path = "\(spool.folder(base.generation))/\(segment.name)"
      guard segment.sequence == Int64(index) + 1 else {
        throw LogSpool.damaged(path, "segment \(index + 1) before it is missing")
      }
      let (header, sum) = try spool.read(segment, of: base.generation) { header, frame, page in
        guard header.previous == previous, header.pageBytes == base.pageBytes else {
          throw LogSpool.damaged(path, "it does not follow the one before it: it is another log's")
        }
        try image.write(page, at: frame.page)
      }
      // Of one filling of the log it goes on where that ended; of a new one it begins.
      let isNext =
        header.end.salts == position.salts
        ? header.firstFrame == position.frames && header.before == position.checksum
        : header.firstFrame == 0
      guard isNext else {
        throw LogSpool.damaged(path, "frames are missing between it and the one before it")
      }
      try image.cut(to: header.pages)
      (position, previous, reached) = (header.end, sum, header.time)
    }
    var file = try NewFile(target)
    _ = try ZstdFrame.compress(raw, to: file, checkpoint: checkpoint)
    try file.commit()
    return Written(name: name, time: reached, place: place)
  }
}

extension LogSpool {
  /// Removes a file that `PointInTime.write` has made.
  public func discard(_ name: String) { unlink("\(path)/\(name)") }
}

/// The right to have files of a restore in a folder, which several processes may share.
private final class Place: Sendable {
  private let lock: LockFile

  /// Removes what killed restores left, where nobody else is at work.
  init(in folder: String) throws(Fault) {
    guard let lock = try LockFile(opening: "\(folder)/restoring.lock", create: true) else {
      preconditionFailure("a file that is to be made is made, or opening it throws")
    }
    if lock.take(shared: false) {
      try Folder.clear(folder) {
        $0.hasPrefix(".AT-") && $0.contains(".tmp")
          || $0.hasPrefix("AT-") && $0.hasSuffix(".db.zst")
      }
    }
    _ = lock.take(shared: true, patient: true)
    self.lock = lock
  }
}

/// A database that is put together page by page.
private struct PageImage: ~Copyable {
  private let path: String
  private let descriptor: Int32
  private let pageBytes: Int

  init(_ path: String, pageBytes: Int) throws(Fault) {
    (self.path, self.pageBytes) = (path, pageBytes)
    descriptor = open(path, O_RDWR | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
    guard descriptor >= 0 else { throw FileFault.of("create", path, errno) }
  }

  deinit { close(descriptor) }

  func write(_ base: ShippedBase, _ frame: String, _ checkpoint: () throws -> Void) throws {
    var offset: Int64 = 0
    let sums = try ZstdFrame.decompress(frame, limit: base.sums.rawSize) { bytes in
      try checkpoint()
      try NewFile.write(bytes, at: offset, to: descriptor, of: path)
      offset += Int64(bytes.count)
    }
    guard sums == base.sums else {
      throw LogSpool.damaged(frame, "it is not the base that was written (SHA-256)")
    }
  }

  func write(_ bytes: UnsafeRawBufferPointer, at page: UInt32) throws {
    try NewFile.write(
      bytes, at: (Int64(page) - 1) * Int64(pageBytes), to: descriptor, of: path)
  }

  func cut(to pages: UInt32) throws(Fault) {
    guard ftruncate(descriptor, Int(pages) * pageBytes) == 0 else {
      throw FileFault.of("write", path, errno)
    }
  }
}

import Cryptography
import Disk
public import Domain
import Glibc

/// Where the log of a database is shipped to: a folder beside it. In it each generation is a folder,
/// `G0001`, with its base, `base.db.zst` and `base.json`, and its segments, `00000001-TIME.zst` (TIME in
/// milliseconds). A generation is there when its `base.json` is.
///
/// While the file `on` is there, no connection of any command checkpoints the database: only the
/// shipper does, after the frames are durable here.
public struct LogSpool: Sendable {
  /// The path of the folder.
  public let path: String

  /// The spool of a database.
  public init(database: String) { path = FilePath.target(of: database) + ".shipped" }

  /// Whether the database's log is shipped.
  static func isOn(_ database: String) -> Bool { access(database + ".shipped/on", F_OK) == 0 }

  /// Switches shipping on or off.
  ///
  /// - Throws: exit 73 or 74 when the disk refuses.
  public func turn(on isOn: Bool) throws(Fault) {
    let mark = path + "/on"
    if isOn {
      try Folder.make(path)
      try NewFile.write("only the shipper checkpoints this database\n", to: mark)
    } else if unlink(mark) != 0, errno != ENOENT {
      throw FileFault.of("remove", mark, errno)
    }
  }

  /// A file of a generation, by its place.
  struct Segment: Hashable {
    var sequence: Int64
    var time: Instant
    var name: String

    init(sequence: Int64, time: Instant) {
      (self.sequence, self.time) = (sequence, time)
      let digits = String(sequence)
      let zeros = String(repeating: "0", count: max(0, 8 - digits.utf8.count))
      name = "\(zeros)\(digits)-\(time.milliseconds).zst"
    }

    init?(_ name: String) {
      let parts = name.split(separator: "-", maxSplits: 1)
      guard parts.count == 2, parts[1].hasSuffix(".zst"), let sequence = Int64(parts[0]),
        let time = Int64(parts[1].dropLast(4))
      else { return nil }
      self.init(sequence: sequence, time: Instant(milliseconds: time))
      guard self.name == name else { return nil }
    }
  }

  /// The folder of a generation.
  func folder(_ generation: Int64) -> String {
    let digits = String(generation)
    return "\(path)/G\(String(repeating: "0", count: max(0, 4 - digits.utf8.count)))\(digits)"
  }

  /// The generations there are, oldest first.
  func generations() throws(Fault) -> [Int64] {
    try numbers().filter { access("\(folder($0))/base.json", F_OK) == 0 }
  }

  /// The numbers that were given, also to what is not whole.
  func numbers() throws(Fault) -> [Int64] {
    (try Folder.namesIfAny(in: path) ?? []).compactMap { name in
      guard name.hasPrefix("G"), let number = Int64(name.dropFirst()), number > 0 else {
        return nil
      }
      return number
    }.sorted()
  }

  /// The base of a generation, with the hash of its description.
  ///
  /// - Throws: exit 65 when the description is damaged.
  func base(_ generation: Int64) throws(Fault) -> (base: ShippedBase, sha256: String) {
    let path = "\(folder(generation))/base.json"
    let bytes = try InputFile.contents(path, limit: ShippedBase.maximumBytes)
    guard let base = ShippedBase(text: bytes), base.generation == generation else {
      throw Self.damaged(path, "it describes no base of this generation")
    }
    return (base, SHA256.hexadecimal(bytes))
  }

  /// The segments of a generation, in order.
  func segments(_ generation: Int64) throws(Fault) -> [Segment] {
    try Folder.names(in: folder(generation)).compactMap(Segment.init).sorted {
      $0.sequence < $1.sequence
    }
  }

  /// Reads a segment, and hands its frames over.
  ///
  /// - Returns: its header and the SHA-256 of the file.
  /// - Throws: exit 65 when it is damaged, cut or not what its name says.
  @discardableResult
  func read(
    _ segment: Segment, of generation: Int64,
    take: (ShippedSegment, LogFrame, UnsafeRawBufferPointer) throws -> Void
  ) throws -> (header: ShippedSegment, sha256: String) {
    let path = "\(folder(generation))/\(segment.name)"
    var header: ShippedSegment?
    var pending: [UInt8] = []
    var position: LogPosition?
    var last: LogFrame?
    let sums = try ZstdFrame.decompress(path, limit: .max) { part in
      pending += part
      if header == nil {
        guard let end = pending.firstIndex(of: UInt8(ascii: "\n")) else {
          guard pending.count <= ShippedSegment.maximumHeaderBytes else {
            throw Self.damaged(path, "it does not begin as a segment")
          }
          return
        }
        header = ShippedSegment(line: Array(pending[..<end]))
        guard let header, header.sequence == segment.sequence, header.time == segment.time else {
          throw Self.damaged(path, "its first line is not that of a segment of this name")
        }
        position = LogPosition(
          salts: header.end.salts, frames: header.firstFrame, checksum: header.before)
        pending.removeFirst(end + 1)
      }
      guard let header else { return }
      let size = 8 + header.pageBytes
      var used = 0
      try pending.withUnsafeBytes { bytes in
        while bytes.count - used >= size {
          let frame = UnsafeRawBufferPointer(rebasing: bytes[used..<(used + size)])
          let told = LogFrame(shipped: frame)
          let page = UnsafeRawBufferPointer(rebasing: frame[8...])
          position?.frames += 1
          position?.checksum.add(
            UnsafeRawBufferPointer(rebasing: frame[..<8]), isBigEndian: header.isBigEndian)
          position?.checksum.add(page, isBigEndian: header.isBigEndian)
          last = told
          try take(header, told, page)
          used += size
        }
      }
      pending.removeFirst(used)
    }
    guard let header, pending.isEmpty, position == header.end,
      last?.pagesAfterCommit == header.pages
    else { throw Self.damaged(path, "its frames are not those that were shipped") }
    return (header, sums.sha256)
  }

  /// Removes a generation; its description first, so that what is left is none.
  func remove(_ generation: Int64) throws(Fault) {
    let folder = folder(generation)
    try Folder.clear(folder) { $0 == "base.json" }
    try Folder.clear(folder)
    guard rmdir(folder) == 0 || errno == ENOENT else { throw FileFault.of("remove", folder, errno) }
  }

  /// How large a generation is, in bytes.
  func bytes(_ generation: Int64) throws(Fault) -> Int64 {
    var sum: Int64 = 0
    for name in try Folder.namesIfAny(in: folder(generation)) ?? [] {
      var status = stat()
      if stat("\(folder(generation))/\(name)", &status) == 0 { sum += Int64(status.st_size) }
    }
    return sum
  }

  static func damaged(_ subject: String, _ cause: String) -> Fault {
    Fault(
      "read the shipped log", subject, cause: cause,
      remedy: "name an earlier time, or use a snapshot: carillon snapshot list", exit: .data)
  }
}

extension LogFrame {
  /// A frame as it stands in a segment; its page follows.
  fileprivate init(shipped bytes: UnsafeRawBufferPointer) {
    page = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt32.self))
    pagesAfterCommit = UInt32(bigEndian: bytes.loadUnaligned(fromByteOffset: 4, as: UInt32.self))
  }
}

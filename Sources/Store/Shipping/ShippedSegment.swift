import Domain

/// What a segment of the shipped log says of itself: the first line of its content, as JSON. Behind it
/// stand its frames: page number and pages after the commit (four bytes each, big-endian), the page.
struct ShippedSegment: Hashable {
  /// Its place in its generation, from 1, without gaps.
  var sequence: Int64
  /// When it was shipped: all that was committed before the segment's reading is in it or before it.
  var time: Instant
  /// The size of a page, in bytes.
  var pageBytes: Int
  /// The number of its first frame in the filling of the log.
  var firstFrame: Int64
  /// The checksum of the log before its first frame.
  var before: LogChecksum
  /// Where the log has been read to with it.
  var end: LogPosition
  /// How many pages the database has after it.
  var pages: UInt32
  /// Whether SQLite's checksums are over big-endian words.
  var isBigEndian: Bool
  /// The SHA-256 of the file before it; of the first, that of the base's description.
  var previous: String

  static let format = "carillon.log-segment/1"
  /// Longer than any first line.
  static let maximumHeaderBytes = 2048

  var frames: Int64 { end.frames - firstFrame }

  /// The first line, with its end.
  var line: String {
    JSONValue.object([
      .init("schema", .string(Self.format)), .init("sequence", .number(sequence)),
      .init("time_ms", .number(time.milliseconds)), .init("page_bytes", .number(pageBytes)),
      .init("salts", .string(String(end.salts))), .init("first_frame", .number(firstFrame)),
      .init("frames", .number(frames)), .init("before", before.json),
      .init("after", end.checksum.json), .init("pages", .number(Int(pages))),
      .init("big_endian", .bool(isBigEndian)), .init("previous", .string(previous)),
    ]).text() + "\n"
  }

  init(
    sequence: Int64, time: Instant, header: LogHeader, from start: LogPosition, to end: LogPosition,
    pages: UInt32, previous: String
  ) {
    (self.sequence, self.time, pageBytes) = (sequence, time, header.pageBytes)
    (firstFrame, before, self.end) = (start.frames, start.checksum, end)
    (self.pages, isBigEndian, self.previous) = (pages, header.isBigEndian, previous)
  }

  /// Reads a first line; nil when it is none.
  init?(line: [UInt8]) {
    let value: JSONValue
    do { value = try JSONValue.parse(line, limits: JSONValue.Limits()) } catch { return nil }
    guard value["schema"]?.string == Self.format, let sequence = value["sequence"]?.int,
      let time = value["time_ms"]?.int, let pageBytes = value["page_bytes"]?.int,
      (512...65_536).contains(pageBytes), let salts = value["salts"]?.string.flatMap(UInt64.init),
      let firstFrame = value["first_frame"]?.int, firstFrame >= 0,
      let frames = value["frames"]?.int, frames > 0,
      let before = value["before"].flatMap(LogChecksum.init(json:)),
      let after = value["after"].flatMap(LogChecksum.init(json:)),
      let pages = value["pages"]?.int.flatMap({ UInt32(exactly: $0) }), pages > 0,
      let isBigEndian = value["big_endian"]?.bool, let previous = value["previous"]?.string
    else { return nil }
    self.sequence = Int64(sequence)
    self.time = Instant(milliseconds: Int64(time))
    self.pageBytes = pageBytes
    self.firstFrame = Int64(firstFrame)
    self.before = before
    end = LogPosition(salts: salts, frames: Int64(firstFrame + frames), checksum: after)
    (self.pages, self.isBigEndian, self.previous) = (pages, isBigEndian, previous)
  }
}

extension LogChecksum {
  /// As a pair of numbers.
  var json: JSONValue { .array([.number(Int(first)), .number(Int(second))]) }

  init?(json: JSONValue) {
    guard let pair = json.array, pair.count == 2,
      let first = pair[0].int.flatMap({ UInt32(exactly: $0) }),
      let second = pair[1].int.flatMap({ UInt32(exactly: $0) })
    else { return nil }
    self.init(first: first, second: second)
  }
}

/// The base of a generation: the whole database at one position of its log.
struct ShippedBase: Hashable {
  /// The number of the generation.
  var generation: Int64
  /// When it was taken: all that was committed before is in it.
  var time: Instant
  /// The size of a page, in bytes.
  var pageBytes: Int
  /// Where the log stood; its frames are in the base.
  var position: LogPosition
  /// The compressed file and the database in it.
  var sums: ZstdFrame.Sums
  /// Why it was made, for people.
  var reason: String

  static let format = "carillon.log-base/1"
  static let maximumBytes = 4096

  var text: String {
    JSONValue.object([
      .init("schema", .string(Self.format)), .init("generation", .number(generation)),
      .init("time_ms", .number(time.milliseconds)), .init("page_bytes", .number(pageBytes)),
      .init("salts", .string(String(position.salts))), .init("frames", .number(position.frames)),
      .init("checksum", position.checksum.json), .init("size", .number(sums.size)),
      .init("sha256", .string(sums.sha256)), .init("raw_size", .number(sums.rawSize)),
      .init("raw_sha256", .string(sums.rawSHA256)), .init("reason", .string(reason)),
    ]).text() + "\n"
  }

  init(
    generation: Int64, time: Instant, pageBytes: Int, position: LogPosition, sums: ZstdFrame.Sums,
    reason: String
  ) {
    (self.generation, self.time, self.pageBytes) = (generation, time, pageBytes)
    (self.position, self.sums, self.reason) = (position, sums, reason)
  }

  /// Reads a description; nil when it is none.
  init?(text: [UInt8]) {
    let value: JSONValue
    do { value = try JSONValue.parse(text, limits: JSONValue.Limits()) } catch { return nil }
    guard value["schema"]?.string == Self.format, let generation = value["generation"]?.int,
      let time = value["time_ms"]?.int, let pageBytes = value["page_bytes"]?.int,
      (512...65_536).contains(pageBytes), let salts = value["salts"]?.string.flatMap(UInt64.init),
      let frames = value["frames"]?.int,
      let checksum = value["checksum"].flatMap(LogChecksum.init(json:)),
      let size = value["size"]?.int, let sha256 = value["sha256"]?.string,
      let rawSize = value["raw_size"]?.int, let rawSHA256 = value["raw_sha256"]?.string,
      let reason = value["reason"]?.string
    else { return nil }
    self.generation = Int64(generation)
    self.time = Instant(milliseconds: Int64(time))
    self.pageBytes = pageBytes
    position = LogPosition(salts: salts, frames: Int64(frames), checksum: checksum)
    sums = ZstdFrame.Sums(
      size: Int64(size), sha256: sha256, rawSize: Int64(rawSize), rawSHA256: rawSHA256)
    self.reason = reason
  }
}

import CZstd
import Disk
import Domain

/// A zstd frame with its content size and a checksum, made of content that comes in pieces.
final class ZstdWriter {
  private let context: OpaquePointer
  private let source: String
  private var raw = Tally()
  private var frame = Tally()
  private var behind = WriteBehind()
  private var output = [UInt8](repeating: 0, count: ZSTD_CStreamOutSize())

  /// A thread of zstd's for each of the two processors that a small server has.
  static let threads: Int32 = 2
  /// A thread works on so much at once: zstd's own choice, four times as much, needs 40 MB more.
  private static let jobBytes: Int32 = 2 << 20

  /// Begins a frame.
  ///
  /// - Parameters:
  ///   - rawSize: how large the content will be.
  ///   - level: how hard it tries, as zstd counts.
  ///   - threads: how many threads compress beside the caller's; 0: the caller's does.
  ///   - source: what is compressed, for people.
  init(
    rawSize: Int64, level: Int = ZstdFrame.level, threads: Int32 = 0, of source: String
  ) throws(Fault) {
    guard let context = ZSTD_createCCtx() else { throw ZstdFrame.memory(source) }
    (self.context, self.source) = (context, source)
    try set(ZSTD_c_compressionLevel, Int32(level))
    try set(ZSTD_c_checksumFlag, 1)
    if threads > 0 {
      try set(ZSTD_c_nbWorkers, threads)
      try set(ZSTD_c_jobSize, Self.jobBytes)
    }
    try check(ZSTD_CCtx_setPledgedSrcSize(context, UInt64(rawSize)))
  }

  deinit { ZSTD_freeCCtx(context) }

  /// Adds content.
  ///
  /// - Parameter target: where the frame goes.
  func add(_ bytes: UnsafeRawBufferPointer, to target: borrowing NewFile) throws(Fault) {
    raw.add(bytes)
    var position = 0
    while position < bytes.count {
      try step(bytes, &position, ZSTD_e_continue, target)
    }
  }

  /// Ends the frame; the file is not committed here.
  func finish(_ target: borrowing NewFile) throws(Fault) -> ZstdFrame.Sums {
    var position = 0
    let nothing = UnsafeRawBufferPointer(start: nil, count: 0)
    while try step(nothing, &position, ZSTD_e_end, target) != 0 {}
    return ZstdFrame.Sums(frame: frame, raw: raw)
  }

  /// Lets zstd go on, and writes what it gives. Returns how much it still has, at least.
  @discardableResult
  private func step(
    _ bytes: UnsafeRawBufferPointer, _ position: inout Int, _ end: ZSTD_EndDirective,
    _ target: borrowing NewFile
  ) throws(Fault) -> Int {
    var input = ZSTD_inBuffer(src: bytes.baseAddress, size: bytes.count, pos: position)
    var (written, rest) = (0, 0)
    output.withUnsafeMutableBytes { room in
      var given = ZSTD_outBuffer(dst: room.baseAddress, size: room.count, pos: 0)
      rest = ZSTD_compressStream2(context, &given, &input, end)
      written = given.pos
    }
    try check(rest)
    position = input.pos
    let part = output[..<written]
    let result = part.withUnsafeBytes { part -> Result<Void, Fault> in
      do throws(Fault) {
        frame.add(part)
        try target.write(part)
        // In small steps: a commit of the database waits for what else is on its way to the disk.
        try behind.add(part.count, to: target)
        return .success(())
      } catch { return .failure(error) }
    }
    try result.get()
    return rest
  }

  private func set(_ parameter: ZSTD_cParameter, _ value: Int32) throws(Fault) {
    try check(ZSTD_CCtx_setParameter(context, parameter, value))
  }

  private func check(_ code: Int) throws(Fault) {
    guard ZSTD_isError(code) != 0 else { return }
    throw Fault(
      "compress", source, cause: String(cString: ZSTD_getErrorName(code)), exit: .internal)
  }
}

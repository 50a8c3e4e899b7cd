import CZstd
import Cryptography
import Domain
import Testing

@testable import Store

// Chains that were written before databases were told by their pages.
extension SnapshotChainTests {
  /// A chain of the format before is still put together: told by the hash of the whole file.
  @Test func aChainOfTheFormatBefore() throws {
    let archive = archive(24)
    var snapshots = try taken(2, archive)
    let key = try archive.keyFile.key()
    for index in 0...1 {
      let target = "\(database.folder)/as\(index).db"
      _ = try archive.folder.restore(snapshots[index].id, to: target, at: at(900))
      (snapshots[index].rawSHA256, snapshots[index].pagesSHA256, snapshots[index].pageBytes) = (
        SHA256.hexadecimal(contents(target)), nil, nil
      )
    }
    // The difference's frame names its parent's database too.
    let plain = try Zstd.unpacked("\(folder)/S0002.delta.zst")
    let formerly = plain.replacingText(
      try #require(snapshots[1].parentSHA256), with: try #require(snapshots[0].rawSHA256))
    let frame = try Zstd.packed(formerly)
    database.write("snapshots/S0002.delta.zst", frame)
    (snapshots[1].sizeBytes, snapshots[1].sha256) = (
      Int64(frame.count), SHA256.hexadecimal(frame)
    )
    snapshots[1].parentSHA256 = snapshots[0].rawSHA256
    for index in 0...1 {
      snapshots[index].sign(key, as: .withAuditHead)
      try archive.folder.write(snapshots[index])
    }
    #expect(try archive.folder.list() == snapshots)
    #expect(try archive.verify(snapshots[1].id, at: at(901)).format == .withAuditHead)
    // What is taken now is told otherwise, so it is whole.
    let next = try archive.create(at: at(902))
    #expect(next.parent == nil && next.format == .withPages)
    // And a lie about the result is found.
    snapshots[1].rawSHA256 = snapshots[1].rawSHA256.map { String($0.reversed()) }
    snapshots[1].sign(key, as: .withAuditHead)
    try archive.folder.write(snapshots[1])
    #expect(
      fault { try archive.verify(snapshots[1].id, at: at(903)) }?.cause.contains(
        "with its chain it does not give") == true)
  }
}

extension [UInt8] {
  /// The same with one piece of text instead of another of the same length, wherever it stands.
  func replacingText(_ text: String, with other: String) -> [UInt8] {
    var result = self
    let (old, new) = (Array(text.utf8), Array(other.utf8))
    var index = 0
    while index + old.count <= result.count {
      if result[index] == old[0], result[index..<(index + old.count)].elementsEqual(old) {
        result.replaceSubrange(index..<(index + old.count), with: new)
        index += old.count
      } else {
        index += 1
      }
    }
    return result
  }
}

/// Frames by zstd's own functions.
private enum Zstd {
  static func packed(_ bytes: [UInt8]) throws -> [UInt8] {
    var room = [UInt8](repeating: 0, count: ZSTD_compressBound(bytes.count))
    let count = ZSTD_compress(&room, room.count, bytes, bytes.count, 3)
    try #require(ZSTD_isError(count) == 0)
    return Array(room[..<count])
  }

  static func unpacked(_ path: String) throws -> [UInt8] {
    let frame = contents(path)
    var room = [UInt8](
      repeating: 0, count: Int(ZSTD_getFrameContentSize(frame, frame.count)))
    let count = ZSTD_decompress(&room, room.count, frame, frame.count)
    try #require(count == room.count)
    return room
  }
}

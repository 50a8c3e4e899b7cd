import Disk
import Domain

/// An upload in parts that is under way, kept in a file so that the next run goes on with it.
struct S3Upload: Hashable, Sendable {
  let key: String
  let id: String
  let size: Int64
  let partSize: Int64
  /// The ETags of the parts that have arrived, from the first.
  var etags: [String]

  private static let schema = "carillon.upload/1"
  private static let maximumBytes = 4 << 20

  /// The upload of a file's notes, if it is of this object and size; nil where there is none.
  static func read(_ path: String, key: String, size: Int64) throws(Fault) -> S3Upload? {
    guard let upload = try read(path), upload.key == key, upload.size == size else { return nil }
    return upload
  }

  /// The upload of a file's notes; nil where there are none, or they cannot be read: it begins anew then.
  static func read(_ path: String) throws(Fault) -> S3Upload? {
    guard TextFile.exists(path) else { return nil }
    let bytes = try InputFile.contents(path, limit: maximumBytes)
    let value: JSONValue
    do { value = try JSONValue.parse(bytes) } catch { return nil }
    guard value["schema"]?.string == schema, let key = value["key"]?.string,
      let id = value["id"]?.string, let size = value["size"]?.int64,
      let partSize = value["part_size"]?.int64, partSize > 0, let etags = value["etags"]?.array
    else { return nil }
    return S3Upload(
      key: key, id: id, size: size, partSize: partSize, etags: etags.compactMap(\.string))
  }

  func write(_ path: String) throws(Fault) {
    let value = JSONValue.object([
      .init("schema", .string(Self.schema)), .init("key", .string(key)), .init("id", .string(id)),
      .init("size", .number(size)), .init("part_size", .number(partSize)),
      .init("etags", .array(etags.map { .string($0) })),
    ])
    try NewFile.write(value.text() + "\n", to: path)
  }
}

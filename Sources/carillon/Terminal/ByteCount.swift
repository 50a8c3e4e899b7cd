import Domain

/// A number of bytes for people: `61.4M`.
struct ByteCount: CustomStringConvertible {
  private let bytes: Int64

  init(_ bytes: Int64) { self.bytes = bytes }

  /// The number with one decimal and a unit of 1024.
  var description: String {
    var size = Double(bytes)
    var unit = "B"
    for next in ["K", "M", "G", "T"] where size >= 1024 {
      size /= 1024
      unit = next
    }
    guard unit != "B" else { return "\(bytes)B" }
    let tenths = Int((size * 10).rounded())
    return "\(tenths / 10).\(tenths % 10)\(unit)"
  }
}

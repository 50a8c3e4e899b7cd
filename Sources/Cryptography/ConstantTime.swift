/// Comparisons whose time does not tell where two secrets differ.
public enum ConstantTime {
  /// Whether two texts of bytes are the same; only their lengths show in the time.
  public static func areEqual(_ a: [UInt8], _ b: [UInt8]) -> Bool {
    a.count == b.count && zip(a, b).reduce(UInt8(0)) { $0 | ($1.0 ^ $1.1) } == 0
  }
}

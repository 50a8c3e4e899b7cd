/// A text as lines of characters, which is how places in it are counted: from 1, in Unicode scalars,
/// as libyaml does.
enum SourceText {
  /// The lines, without their ends (`\n` or `\r\n`).
  static func lines(of text: String) -> [[Unicode.Scalar]] {
    var lines: [[Unicode.Scalar]] = []
    var line: [Unicode.Scalar] = []
    for scalar in text.unicodeScalars {
      if scalar == "\n" {
        if line.last == "\r" { line.removeLast() }
        lines.append(line)
        line.removeAll(keepingCapacity: true)
      } else {
        line.append(scalar)
      }
    }
    if !line.isEmpty { lines.append(line) }
    return lines
  }

  /// Whether a character must not stand in a file that people read: C0 and C1 controls, the line
  /// separators that only some programs obey, and marks that reorder text (CVE-2021-42574).
  static func isControl(_ scalar: Unicode.Scalar) -> Bool {
    switch scalar.value {
    case 0x00...0x1F, 0x7F...0x9F, 0x2028, 0x2029, 0x202A...0x202E, 0x2066...0x2069, 0xFEFF,
      0xFFFE, 0xFFFF:
      true
    default: false
    }
  }

  /// The name of a character in a message.
  static func name(of scalar: Unicode.Scalar) -> String {
    if scalar == "\t" { return "a tab" }
    if scalar == "\r" { return "a carriage return" }
    let digits = String(scalar.value, radix: 16, uppercase: true)
    let zeros = String(repeating: "0", count: max(0, 4 - digits.count))
    return "the control character U+\(zeros)\(digits)"
  }
}

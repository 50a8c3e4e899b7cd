/// Where in a text file something stands: lines and columns count from 1, columns in characters.
public struct SourceLocation: Hashable, Sendable {
  /// The file as the user named it.
  public var file: String
  /// The line, from 1.
  public var line: Int
  /// The column, from 1, in characters.
  public var column: Int

  /// A place in a file.
  public init(file: String, line: Int, column: Int) {
    (self.file, self.line, self.column) = (file, line, column)
  }
}

extension SourceLocation: CustomStringConvertible {
  /// `schedules.yaml:6:11`, as compilers and editors write it.
  public var description: String { "\(file):\(line):\(column)" }
}

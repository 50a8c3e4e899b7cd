extension JSONValue {
  /// What a text may hold at most, and whether it may hold numbers that JSON has no word for.
  public struct Limits: Sendable {
    /// The longest text, in bytes.
    public var maximumBytes = 256 * 1024 * 1024
    /// The deepest nesting of arrays and objects.
    public var maximumDepth = 128
    /// Whether `NaN`, `Infinity` and `-Infinity` are read as numbers, as Python writes them.
    public var allowsNonFinite = false

    /// The limits that fit every file of ours.
    public init() {}
  }

  /// Reads one JSON value with nothing but white space around it.
  ///
  /// - Throws: `JSONSyntaxError` with line and column.
  public static func parse(
    _ bytes: [UInt8], limits: Limits = Limits()
  ) throws(JSONSyntaxError) -> JSONValue {
    let result: Result<JSONValue, JSONSyntaxError> = bytes.withUnsafeBufferPointer { buffer in
      do throws(JSONSyntaxError) {
        return .success(try parse(buffer, limits: limits))
      } catch {
        return .failure(error)
      }
    }
    return try result.get()
  }

  /// Reads one JSON value from memory that stays valid during the call.
  ///
  /// - Throws: `JSONSyntaxError` with line and column.
  public static func parse(
    _ bytes: UnsafeBufferPointer<UInt8>, limits: Limits = Limits()
  ) throws(JSONSyntaxError) -> JSONValue {
    var scanner = JSONScanner(bytes, limits)
    return try scanner.document()
  }

  /// One step from a value to a value inside of it.
  public enum Step: Hashable, Sendable {
    /// The value of a key.
    case key(String)
    /// An element, counted from 0.
    case index(Int)
  }

  /// Line and column (from 1) where the value at a path begins, in a text that `parse` accepts, so
  /// that a complaint about a value can name its place; nil when nothing is there.
  ///
  /// The text is read again up to that place: meant for the way to an error.
  public static func position(
    of path: [Step], in bytes: [UInt8], limits: Limits = Limits()
  ) -> (line: Int, column: Int)? {
    bytes.withUnsafeBufferPointer { buffer in
      var scanner = JSONScanner(buffer, limits)
      do throws(JSONSyntaxError) {
        return try scanner.descend(path[...]) ? scanner.position(at: scanner.index) : nil
      } catch {
        return (error.line, error.column)
      }
    }
  }
}

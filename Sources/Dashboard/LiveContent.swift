import Domain

/// What a page says, taken apart into what may be exchanged on its own while the page is open: tables, charts
/// and lists of figures, in their order, each with an id (`p0`, `p1`) and a hash.
///
/// Two contents of one page whose frame, all that stands between the parts, is the same differ in parts alone: then
/// only these have to be sent.
public struct LiveContent: Sendable {
  /// What has to be known of a content to tell what changed since.
  public struct Digest: Hashable, Sendable {
    let frame: UInt64
    let parts: [UInt64]
    /// In a word, as a page names what it shows.
    public let tag: String

    init(frame: UInt64, parts: [UInt64]) {
      (self.frame, self.parts) = (frame, parts)
      tag = StableHash("\(frame) \(parts)").digits
    }
  }

  /// Of what it is.
  public let digest: Digest
  /// The markup with ids, and the marks of secrets.
  private let bytes: [UInt8]
  private let parts: [Range<Int>]

  /// The content of a page, its heading included. Parts inside of parts are none of their own.
  public init(_ content: HTML) {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(content.marked.utf8.count + 512)
    var parts: [Range<Int>] = []
    var (depth, start) = (0, 0)
    for byte in content.marked.utf8 {
      switch byte {
      case HTML.Mark.opening:
        if depth == 0 {
          // The mark stands in the opening tag, behind the name of the element.
          start = (bytes.lastIndex(of: UInt8(ascii: "<"))) ?? bytes.endIndex
          bytes += Array(" id=\"p\(parts.count)\"".utf8)
        }
        depth += 1
      case HTML.Mark.end:
        depth -= 1
        if depth == 0 { parts.append(start..<bytes.endIndex) }
      default: bytes.append(byte)
      }
    }
    precondition(depth == 0, "each part that begins ends")
    var (frame, end) = (StableHash(), 0)
    var hashes: [UInt64] = []
    for part in parts {
      frame.add(bytes[end..<part.lowerBound])
      var hash = StableHash()
      hash.add(bytes[part])
      hashes.append(hash.value)
      end = part.upperBound
    }
    frame.add(bytes[end...])
    digest = Digest(frame: frame.value, parts: hashes)
    (self.bytes, self.parts) = (bytes, parts)
  }

  /// The whole, as the element that an open page has it in.
  public var whole: [UInt8] {
    Array("<main id=\"main\" data-live=\"\(digest.tag)\">".utf8) + bytes + Array("</main>".utf8)
  }

  /// The parts that another content of the page had otherwise, one after the other; nil where more differs than
  /// parts.
  public func changes(since before: Digest) -> [UInt8]? {
    guard before.frame == digest.frame, before.parts.count == parts.count else { return nil }
    return zip(parts, zip(digest.parts, before.parts)).flatMap { range, hashes in
      hashes.0 == hashes.1 ? [] : Array(bytes[range])
    }
  }

  /// Markup as it is sent to a session whose forms bear a secret.
  public static func filled(_ bytes: [UInt8], secret: String?) -> [UInt8] {
    guard bytes.contains(HTML.Mark.secret) else { return bytes }
    let secret = Array((secret ?? "").utf8)
    return bytes.flatMap { $0 == HTML.Mark.secret ? secret : [$0] }
  }
}

import Dashboard
import Domain
import NIOCore

/// A page as those see it who have it open, at one commit: made once, and sent to all of them.
struct LivePage: Sendable {
  /// What pages are told apart by: whoever has the same of these is shown the same.
  struct Key: Hashable, Sendable {
    /// Path and query.
    var address: String
    var zone: String
    /// Whether forms stand on it.
    var mayAct: Bool
  }

  /// Of what it shows.
  let digest: LiveContent.Digest
  /// At which commit.
  let commits: Int
  /// When it was made, on the clock that nobody sets.
  let made: TimeSpan
  /// Goes up with every page that is made.
  let number: Int
  /// What it was before, by its tag.
  private let before: String?
  /// What changed since then with what stands around it; the latter alone; all of it.
  private let (change, around, whole): ([UInt8], [UInt8], [UInt8])

  /// A page that was just made, after another.
  init(
    _ page: PageRoute.Page, after last: LivePage?, commits: Int, made: TimeSpan, number: Int
  ) {
    (digest, before) = (page.content.digest, last?.digest.tag)
    (self.commits, self.made, self.number) = (commits, made, number)
    around = Array(page.frame.surroundings.text.utf8)
    whole = page.content.whole
    change = last.flatMap { page.content.changes(since: $0.digest) } ?? whole
  }

  /// The event for who has what `tag` names: what stands around the content, and what changed in it.
  func event(for tag: String?, _ key: Key, secret: String?) -> ByteBuffer {
    var markup = around
    if tag != digest.tag { markup += tag != nil && tag == before ? change : whole }
    var buffer = ByteBuffer()
    buffer.reserveCapacity(markup.count + 256)
    buffer.writeString("id: \(commits)\nevent: parts\ndata: \(key.address) \(digest.tag)\n")
    for line in LiveContent.filled(markup, secret: secret).split(
      separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false)
    {
      buffer.writeString("data: ")
      buffer.writeBytes(line)
      buffer.writeString("\n")
    }
    buffer.writeString("\n")
    return buffer
  }
}

public import Domain

/// A page that is one file, to be kept and sent: with its style inside, without script, and with a policy
/// of contents that allows nothing else.
public struct OneFilePage: Sendable {
  /// The title.
  public var title: String
  /// What it says.
  public var content: HTML
  /// The version of the program.
  public var version: String
  /// Of when the data is.
  public var time: Instant
  /// The zone of all times.
  public var clock: PageClock

  /// A page of these parts.
  public init(
    title: String, content: HTML, version: String, time: Instant, clock: PageClock
  ) {
    (self.title, self.content, self.version) = (title, content, version)
    (self.time, self.clock) = (time, clock)
  }

  /// The style that stands in it, whose hash the policy names.
  public static let style = StyleSheet.text

  /// The policy for a style of this hash (SHA-256 in base64).
  public static func policy(styleHash: String) -> String {
    "default-src 'none'; style-src 'sha256-\(styleHash)'; base-uri 'none'; form-action 'none'"
  }

  /// The file.
  ///
  /// - Parameter styleHash: the SHA-256 of `style`, in base64.
  public func text(styleHash: String) -> String {
    let page: HTML = """
      <html lang="en"><head><meta charset="utf-8">
      <meta http-equiv="Content-Security-Policy" content="\(Self.policy(styleHash: styleHash))">
      <meta name="viewport" content="width=device-width, initial-scale=1">
      <meta name="color-scheme" content="light dark"><title>\(title)</title>
      """
    let body: HTML = """
      <body><main id="main"><h1>\(title)</h1>\(content)</main>
      <footer><p>Data as of \(clock.shown(time)) · Carillon \(version) · past returns promise nothing</p>\
      </footer></body></html>
      """
    // The style stands as it is: escaped it would have another hash, and it is our own.
    return "<!DOCTYPE html>\n\(page.text)<style>\(Self.style)</style></head>\n\(body.text)\n"
  }
}

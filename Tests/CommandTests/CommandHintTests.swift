import Testing

@testable import carillon

@Suite struct CommandHintTests {
  /// What a message proposes works where it was printed.
  @Test(
    arguments: [
      ("start it: carillon run", "start it: carillon run -c d/c.yaml"),
      (
        "see it: carillon job log 17 --follow", "see it: carillon job log -c d/c.yaml 17 --follow"
      ),
      ("carillon schedule check", "carillon schedule check -c d/c.yaml"),
      (
        "carillon run makes it, and so does carillon job run fetch",
        "carillon run -c d/c.yaml makes it, and so does carillon job run -c d/c.yaml fetch"
      ),
      ("carillon portfolio shows all", "carillon portfolio -c d/c.yaml shows all"),
      // These take no settings, or are no commands.
      ("carillon init DIR writes one", "carillon init DIR writes one"),
      ("a running carillon keeps it", "a running carillon keeps it"),
      ("rm /tmp/carillon run", "rm /tmp/carillon run"),
    ])
  func namesTheSettings(_ text: String, _ wanted: String) {
    #expect(CommandHint(["status", "-c", "d/c.yaml"]).completed(text) == wanted)
    #expect(CommandHint(["status", "--config=d/c.yaml"]).completed(text) == wanted)
    #expect(CommandHint(["status"]).completed(text) == text)
  }

  /// POSIX shells take single quotes literally; a quote itself stands outside of them.
  @Test(
    arguments: [
      ("demo/carillon.yaml", "demo/carillon.yaml"), ("my bot", "'my bot'"), ("", "''"),
      ("bœuf", "'bœuf'"), ("it's", #"'it'\''s'"#), ("$HOME", "'$HOME'"),
    ])
  func quotes(_ text: String, _ wanted: String) { #expect(text.quotedForShells == wanted) }
}

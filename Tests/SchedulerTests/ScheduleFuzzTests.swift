import Domain
import Scheduler
import StrictYAML
import Testing

/// Any text gives a schedule, or mistakes with places in it; nothing crashes or hangs.
struct ScheduleFuzzTests {
  static let seeds: Range<UInt64> = 1..<9
  static let textsPerSeed = 250

  static let sample = """
    # yaml-language-server: $schema=./schemas/schedules.schema.json
    version: 1
    timezone: America/New_York
    defaults: { timeout: 5m, grace: 10m, overlap: skip, retry: { max: 3, backoff: 10s..2m } }
    jobs:
      fetch: { cron: "1,16 9-16/2 * * mon-fri", timezone: Europe/London, jitter: 3s }
      compute:
        after: fetch
        needs: { snapshot: 4d }
      infer: { after: [compute], with: { a: [1, 'b', "c\\n"], d: "|" } }
      rebalance:
        after: infer
        on-failure:
          notify:
            - telegram
            - email
          severity: critical
      snapshot: { every: 6h/1m, catchup: all, paused: true, with: { keep: { daily: 14 } } }

    """

  @Test(arguments: seeds)
  func readsRandomBytes(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for _ in 0..<Self.textsPerSeed {
      let bytes = (0..<Int.random(in: 0...300, using: &random)).map { _ in
        UInt8.random(in: 0...255, using: &random)
      }
      Self.check(String(decoding: bytes, as: UTF8.self), seed: seed)
    }
  }

  /// Characters that mean something to YAML, cron and spans, in any order.
  @Test(arguments: seeds)
  func readsRandomSigns(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let words = [
      "version: 1\n", "jobs:\n", "  fetch:", "cron:", " \"", "\"", "'", "{", "}", "[", "]", ", ",
      ": ",
      "- ", "\n", "\n  ", "\n    ", "#", "&a ", "*a", "*", "!t ", "|", ">", "%", "@", "---\n", "? ",
      "1h",
      "9", "-5", "é", "\u{0}", "\t", "\r\n", "\u{2028}", "~", "null", "<<: ", "after: ", "fetch",
    ]
    for _ in 0..<Self.textsPerSeed {
      var text = ""
      for _ in 0..<Int.random(in: 0...60, using: &random) {
        text += words.randomElement(using: &random) ?? ""
      }
      Self.check(text, seed: seed)
    }
  }

  @Test(arguments: seeds)
  func readsMutatedFiles(seed: UInt64) {
    #expect(Self.check(Self.sample, seed: seed), "the file is right before it is mutated")
    var random = SeededRandom(seed: seed)
    var accepted = 0
    for _ in 0..<Self.textsPerSeed {
      var bytes = Array(Self.sample.utf8)
      for _ in 0..<Int.random(in: 1...4, using: &random) { Self.mutate(&bytes, &random) }
      if Self.check(String(decoding: bytes, as: UTF8.self), seed: seed) { accepted += 1 }
    }
    // Comments and numbers can change without harm, structure cannot: some of both.
    #expect(accepted > 0 && accepted < Self.textsPerSeed, "seed \(seed)")
  }

  private static func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return }
    let index = Int.random(in: bytes.indices, using: &random)
    let signs = Array("\n \t\"'{}[]:,-#&*!|>%@`?0159azAZ/.\\".utf8)
    switch Int.random(in: 0..<5, using: &random) {
    case 0: bytes.remove(at: index)
    case 1: bytes.insert(signs.randomElement(using: &random) ?? 0, at: index)
    case 2: bytes[index] = UInt8.random(in: 0...255, using: &random)
    case 3:  // a piece of the file once more, somewhere else
      let piece = bytes[index..<min(bytes.count, index + Int.random(in: 1...40, using: &random))]
      bytes.insert(contentsOf: piece, at: Int.random(in: bytes.indices, using: &random))
    default:
      bytes.removeSubrange(index..<min(bytes.count, index + Int.random(in: 1...20, using: &random)))
    }
  }

  /// Whether the text is a schedule; if it is not, every mistake stands in the text.
  @discardableResult
  private static func check(_ text: String, seed: UInt64) -> Bool {
    do {
      let schedule = try Schedule.parse(text, file: "f")
      #expect(!schedule.jobs.isEmpty, "seed \(seed): \(text.debugDescription)")
      for job in schedule.jobs {
        #expect(
          schedule.head(of: job.name)?.cadence != nil, "seed \(seed): \(text.debugDescription)")
      }
      return true
    } catch {
      let lines = text.unicodeScalars.split(separator: "\n", omittingEmptySubsequences: false)
      let places = error.items.allSatisfy { item in
        let (line, column) = (item.location.line, item.location.column)
        // The parser may point just behind the last line or the end of a line.
        return item.location.file == "f" && (1...lines.count + 1).contains(line) && column >= 1
          && (line > lines.count || column <= lines[line - 1].count + 2)
      }
      #expect(error.hasErrors && places, "seed \(seed): \(error) in \(text.debugDescription)")
      #expect(!error.rendered(sources: ["f": text], color: false).isEmpty)
      return false
    }
  }
}

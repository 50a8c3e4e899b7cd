import ArgumentParser
import Foundation
import Testing

@testable import carillon

/// Every command that the program proposes is one that it understands: what a fault, a hint or a help
/// text says after `carillon` is given to the real parser.
@Suite struct RemedyTests {
  /// A command as a source file writes it.
  struct Proposal: CustomTestStringConvertible {
    var place: String
    var words: [String]
    /// Whether it stands by itself, and not in the middle of a sentence.
    var isQuoted: Bool

    var testDescription: String { "\(place): carillon \(words.joined(separator: " "))" }
  }

  @Test func everyProposedCommandIsUnderstood() throws {
    let proposals = try Self.proposals()
    var tried = 0
    for proposal in proposals {
      guard let understood = Self.isUnderstood(proposal) else { continue }
      tried += 1
      #expect(understood, "\(proposal.testDescription)")
    }
    // Fewer would mean that they are no longer found.
    #expect(tried > 60, "\(tried) of \(proposals.count)")
  }

  /// The rule itself: what is no command, or has no such option, is found.
  @Test(arguments: [
    ("\"carillon job run fetch --chain\"", true), ("`carillon snapshot list`", true),
    ("\"carillon job run \\(name) --at \\(slot.time) --force\"", true),
    ("\"carillon job run fetch --chained\"", false),
    ("\"stop it, then  carillon snapshot restore \\(id) --force\"", true),
    ("\"carillon job list shows them\"", true), ("\"carillon jobs\"", false),
  ])
  func theRule(_ line: String, _ isUnderstood: Bool) throws {
    let proposal = try #require(Self.proposals(in: line, place: "x").first)
    #expect(Self.isUnderstood(proposal) == isUnderstood)
  }

  // MARK: finding

  private static func proposals() throws -> [Proposal] {
    let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
      .deletingLastPathComponent()
    let sources = root.appending(path: "Sources")
    let files = try #require(FileManager.default.enumerator(atPath: sources.path))
    var found: [Proposal] = []
    for case let name as String in files where name.hasSuffix(".swift") {
      let text = try String(contentsOf: sources.appending(path: name), encoding: .utf8)
      for (index, line) in text.split(separator: "\n", omittingEmptySubsequences: false)
        .enumerated()
      {
        let isComment = line.drop { $0 == " " }.hasPrefix("//")
        if !isComment { found += proposals(in: String(line), place: "\(name):\(index + 1)") }
      }
    }
    return found
  }

  private static func proposals(in line: String, place: String) -> [Proposal] {
    var found: [Proposal] = []
    var rest = line[...]
    while let match = rest.firstRange(of: "carillon ") {
      let before = rest[..<match.lowerBound]
      rest = rest[match.upperBound...]
      // A name of a file or a service is no command.
      guard let last = before.last, "\"` (".contains(last) else { continue }
      let command = command(at: rest)
      // A line's end inside, or nothing but what is interpolated: a text, no command.
      guard let first = command.first, first != "*",
        !command.contains(where: { $0.contains("\\n") || $0 == "URL" })
      else { continue }
      found.append(
        Proposal(
          place: place, words: command,
          isQuoted: last == "`" || last == "\"" || before.hasSuffix("  ")))
    }
    return found
  }

  /// The words of a command up to where it ends: a quote, a divider, a wide gap. What is interpolated is
  /// one word, `*`.
  private static func command(at start: Substring) -> [String] {
    var text = ""
    var rest = start
    while let next = rest.first {
      if rest.hasPrefix("\\(") {
        var depth = 0
        for (offset, character) in rest.enumerated() {
          if character == "(" { depth += 1 }
          if character == ")" { depth -= 1 }
          if depth == 0, offset > 1 {
            rest = rest.dropFirst(offset + 1)
            break
          }
        }
        guard depth == 0 else { break }
        text += "*"
        continue
      }
      if "`\";|&#<>".contains(next) || rest.hasPrefix(", ") || rest.hasPrefix("  ")
        || rest.hasPrefix(" (") || rest.hasPrefix(")") || rest.hasPrefix(". ")
        || rest.hasPrefix(": ")
      {
        break
      }
      text.append(next)
      rest = rest.dropFirst()
    }
    return text.split(separator: " ").map(String.init).filter { $0 != "..." && $0 != "\\" }
  }

  // MARK: trying

  /// What may stand where a person puts a name, a time or a number.
  private static let samples = [
    "fetch", "fetch@2026-11-20T14:01:00Z", "2026-11-20T14:01:00Z", "1", "S0001", "30s", "main",
    "30 2 * * *",
  ]

  /// Whether the parser takes it, or a beginning of it that ends where the sentence goes on; nil for
  /// words that only follow the program's name.
  private static func isUnderstood(_ proposal: Proposal) -> Bool? {
    let names = Carillon.configuration.subcommands.map { $0.configuration.commandName ?? "" }
    guard let first = proposal.words.first, names.contains(first) || first.hasPrefix("-") else {
      return proposal.isQuoted && proposal.words.count < 4 ? false : nil
    }
    let options = proposal.words.lastIndex { $0.hasPrefix("--") } ?? 0
    for count in stride(from: proposal.words.count, to: options, by: -1)
    where parses(Array(proposal.words.prefix(count)), filling: 0) {
      return true
    }
    return false
  }

  private static func parses(_ words: [String], filling start: Int) -> Bool {
    guard let index = words[start...].firstIndex(where: isPlaceholder) else {
      do {
        _ = try Carillon.parseAsRoot(words)
        return true
      } catch {
        // The words of a command without its arguments are a name for it.
        return Carillon.message(for: error).hasPrefix("Missing expected argument")
      }
    }
    return samples.contains { sample in
      var words = words
      words[index] =
        words[index].contains("*") && words[index] != "*"
        ? words[index].replacing("*", with: sample) : sample
      return parses(words, filling: index + 1)
    }
  }

  /// `*`, `fetch@*`, `NAME`, `JOB@SLOT`.
  private static func isPlaceholder(_ word: String) -> Bool {
    word.contains("*")
      || word.count > 0 && word.allSatisfy { ($0.isUppercase && $0.isLetter) || "@.".contains($0) }
  }
}

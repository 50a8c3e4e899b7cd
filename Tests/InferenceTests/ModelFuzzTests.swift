import Domain
import Glibc
import Testing

@testable import Inference

/// Mutated model files: each is refused with a place, or is a model that scores.
///
/// `CARILLON_FUZZ=n` makes n mutations of each file instead of a few. A failure prints the file and
/// the seed of the mutation.
@Suite("Mutated model files")
struct ModelFuzzTests {
  static let rounds = getenv("CARILLON_FUZZ").flatMap { Int(String(cString: $0)) } ?? 12
  static let files = [".txt", ".json", ".ubj", ".safetensors"].flatMap { ending in
    GoldenFile.names(in: GoldenFile.folder, ending: ending).map { $0 + ending }
  }
  static let texts = [
    "linear.json": LinearModelTests.plain,
    "trend.rules": """
    rules: 1
    features: ema12, ema26, rsi14
    let spread = (ema12 - ema26) / max(ema26, 1e-9)
    score: spread > 0 and not rsi14 >= 70 ? log(spread) * 2 : missing(rsi14) ? -1 : abs(spread)
    """,
  ]

  @Test("a mutated file is refused with a place, or scores", arguments: files + texts.keys.sorted())
  func mutated(_ file: String) throws {
    let original =
      try Self.texts[file].map { Array($0.utf8) }
      ?? GoldenFile.bytes("\(GoldenFile.folder)/\(file)")
    for seed in 0..<UInt64(Self.rounds) {
      var random = SeededRandom(seed: seed)
      var bytes = original
      for _ in 0...Int.random(in: 0...2, using: &random) { mutate(&bytes, &random) }
      do throws(Fault) {
        let model = try Model.load(bytes, file: file)
        score(model)
      } catch {
        let isPlaced = error.location != nil || error.cause.contains("at byte ")
        #expect(isPlaced, "\(file), seed \(seed): \(error)")
        #expect(error.exit == .data)
      }
    }
  }

  /// Every prefix of a file is refused: none of the formats is whole before its end.
  @Test("a file that was cut short is refused", arguments: files)
  func truncated(_ file: String) throws {
    let original = try GoldenFile.bytes("\(GoldenFile.folder)/\(file)")
    for part in 0..<16 {
      let count = (original.count - 2) * part / 15
      #expect(throws: Fault.self, "\(count) bytes") {
        try Model.load(Array(original[0..<count]), file: file)
      }
    }
  }

  private func score(_ model: Model) {
    // A mutated window can be long; more than this is no question of the file.
    guard model.inputCount < 1_000_000 else { return }
    for value in [0, 1.5, -3, .nan, .infinity] {
      let raw = model.predict([Double](repeating: value, count: model.inputCount))
      _ = model.transform(raw)
    }
  }

  private func mutate(_ bytes: inout [UInt8], _ random: inout SeededRandom) {
    guard !bytes.isEmpty else { return }
    let place = Int.random(in: 0..<bytes.count, using: &random)
    switch Int.random(in: 0..<7, using: &random) {
    case 0: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &random)
    case 1: bytes[place] = UInt8.random(in: 0...255, using: &random)
    case 2: bytes.removeSubrange(place..<min(place + 16, bytes.count))
    case 3:
      let end = min(place + Int.random(in: 1...200, using: &random), bytes.count)
      bytes.insert(
        contentsOf: bytes[place..<end], at: Int.random(in: 0..<bytes.count, using: &random))
    case 4: bytes.removeLast(bytes.count - place)
    default: replaceNumber(&bytes, place, &random)
    }
  }

  /// Puts another number in place of the next one.
  private func replaceNumber(_ bytes: inout [UInt8], _ place: Int, _ random: inout SeededRandom) {
    let isDigit = { (byte: UInt8) in (48...57).contains(byte) }
    guard let start = bytes[place...].firstIndex(where: isDigit) else { return }
    let end = bytes[start...].firstIndex { !isDigit($0) } ?? bytes.count
    let other = [
      "0", "-1", "1", "2", "31", "32", "4096", "2147483647", "4294967296", "9223372036854775808",
      "1e400", "nan", "99999999999999999999", "3.5",
    ]
    .randomElement(using: &random)!
    bytes.replaceSubrange(start..<end, with: other.utf8)
  }
}

import Dispatch
import Inference
import Testing

@Suite("One model, many threads")
struct ConcurrentScoringTests {
  @Test(
    "threads that share a model get the scores of one alone",
    arguments: ["lgb_regression.txt", "lgb_deep.txt", "xgb_softprob.json", "lstm_both.safetensors"])
  func sameScores(_ file: String) throws {
    let model = try Model.load(try GoldenFile.bytes("\(GoldenFile.folder)/\(file)"), file: file)
    var random = SeededRandom(seed: 3)
    let rows = (0..<64).map { _ in
      (0..<model.inputCount).map { _ in Double.random(in: -2...2, using: &random) }
    }
    let alone = rows.map { model.predict($0) }
    // Long enough for threads to meet at the model's scratch memory.
    DispatchQueue.concurrentPerform(iterations: 8) { thread in
      for round in 0..<200 {
        let index = (round * 7 + thread) % rows.count
        if model.predict(rows[index]) != alone[index] {
          Issue.record("thread \(thread), row \(index)")
        }
      }
    }
  }
}

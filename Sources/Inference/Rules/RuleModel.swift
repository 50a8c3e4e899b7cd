/// A rule over features: one score, NaN when it depends on a value that is missing.
final class RuleModel: Evaluator, @unchecked Sendable {
  private let program: RuleProgram
  private let featureCount: Int

  init(_ program: RuleProgram, featureCount: Int) {
    (self.program, self.featureCount) = (program, featureCount)
  }

  override func score(
    _ rows: UnsafePointer<Double>, count: Int, into raw: UnsafeMutablePointer<Double>
  ) {
    for row in 0..<count { raw[row] = program.value(rows + row * featureCount) }
  }

  override func transform(
    _ raw: UnsafePointer<Double>, into prediction: UnsafeMutablePointer<Double>
  ) {
    prediction[0] = raw[0]
  }
}

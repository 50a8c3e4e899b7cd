import Domain

extension Firing {
  /// The pause before the next attempt: full jitter below the policy's bound, and not before the
  /// other side asked.
  ///
  /// - Parameters:
  ///   - tries: how many attempts have failed, 1 at least.
  ///   - fault: how the last one did.
  ///   - draw: draws from a range, in milliseconds.
  func pause(
    after tries: Int, _ fault: Fault, _ draw: (ClosedRange<Int64>) -> Int64
  ) -> TimeSpan {
    let bound = policy.retry.longestPause(after: tries)
    let drawn = TimeSpan(milliseconds: draw(0...max(bound.milliseconds, 0)))
    return max(drawn, min(fault.retryAfter ?? .zero, policy.timeout))
  }

  /// Draws from a range as nobody can foresee.
  static func draw(_ range: ClosedRange<Int64>) -> Int64 { .random(in: range) }
}

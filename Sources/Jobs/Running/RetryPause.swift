import Domain

extension Firing {
  /// The pause before the next attempt: full jitter below the policy's bound, and not before the
  /// other side asked.
  ///
  /// - Parameters:
  ///   - tries: how many attempts have failed, 1 at least.
  ///   - fault: how the last one did.
  func pause(after tries: Int, _ fault: Fault) -> TimeSpan {
    let bound = policy.retry.longestPause(after: tries)
    let drawn = TimeSpan(milliseconds: Int64.random(in: 0...max(bound.milliseconds, 0)))
    return max(drawn, min(fault.retryAfter ?? .zero, policy.timeout))
  }
}

public import Domain

// Which copies stay at a remote.
extension RemoteCopies {
  /// What `prune` did, or would do.
  public struct Pruned: Hashable, Sendable {
    /// What is gone, or would be.
    public var removed: [RemoteCopy] = []
    /// What the store keeps though it was to go: a lock on objects, a policy.
    public var locked: [RemoteCopy] = []
    /// Why the others stay.
    public var reasons: [RemoteName: String] = [:]
  }

  /// Removes the copies that a policy does not keep, and halves that a push left more than so long ago.
  ///
  /// The description goes first: without it a frame is nobody's copy, and goes the next time at the latest.
  public func prune(
    _ policy: KeepPolicy, at now: Instant, isRehearsal: Bool = false,
    checkpoint: @Sendable () throws -> Void = {}
  ) async throws -> Pruned {
    let (copies, halves, _) = RemoteCopy.sorted(try await store.list())
    var pruned = Pruned()
    // What is there was verified when it was sent; the newest always stays.
    // What a difference is one to, only its description tells, which nobody here can open: all since the
    // whole copy before it stay with it.
    var before: RemoteName?
    pruned.reasons = policy.reasons(
      copies.map { copy in
        defer { before = copy.name }
        return KeepPolicy.Candidate(
          id: copy.name, taken: copy.name.taken, isProven: true,
          parent: copy.isDelta ? before : nil)
      })
    for copy in copies.reversed() where pruned.reasons[copy.name] == nil {
      try checkpoint()
      if isRehearsal {
        pruned.removed.insert(copy, at: 0)
      } else if try await store.remove(copy.manifest), try await store.remove(copy.frame) {
        pruned.removed.insert(copy, at: 0)
      } else {
        pruned.locked.insert(copy, at: 0)
      }
    }
    guard !isRehearsal else { return pruned }
    for half in halves {
      let stem = half.name.split(separator: ".").prefix(3).joined(separator: ".")
      guard let name = RemoteName(stem), now - name.taken > Self.halfLife else { continue }
      _ = try await store.remove(half.name)
    }
    return pruned
  }

  /// So long half a copy may be one that is still being sent.
  static let halfLife = TimeSpan.days(7)
}

public import Domain

/// Which slots of a job come and go over a span, when its schedule changes.
public struct FireChange: Hashable, Sendable {
  /// How many slots there were.
  public var before = 0
  /// How many there are now.
  public var after = 0
  /// Slots that are new.
  public var added = Fires()
  /// Slots that are gone.
  public var removed = Fires()

  /// Slots, of which the first few are named.
  public struct Fires: Hashable, Sendable {
    /// How many.
    public var count = 0
    /// The first of them, at most `listed`.
    public var first: [Instant] = []

    /// So many are named.
    public static let listed = 3

    mutating func add(_ fire: Instant) {
      count += 1
      if first.count < Self.listed { first.append(fire) }
    }

    var text: String {
      let rest = count - first.count
      return first.map(\.description).joined(separator: ", ")
        + (rest > 0 ? " and \(rest) more" : "")
    }
  }

  /// The change from one schedule of a job to another, either of which may be missing.
  init(from old: ScheduledJob?, to new: ScheduledJob?, now: Instant, over span: TimeSpan) {
    let end = now + span
    func next(_ job: ScheduledJob?, after time: Instant) -> Instant? {
      job?.next(after: time).flatMap { $0 <= end ? $0 : nil }
    }
    var (gone, come) = (next(old, after: now), next(new, after: now))
    // Both lists ascend: of two different heads the earlier one stands in one list alone.
    while before + after < 2 * ScheduleDifference.maximumCountedFires,
      let first = [gone, come].compactMap({ $0 }).min()
    {
      switch (gone == first, come == first) {
      case (true, false): removed.add(first)
      case (false, true): added.add(first)
      default: break
      }
      if gone == first {
        before += 1
        gone = next(old, after: first)
      }
      if come == first {
        after += 1
        come = next(new, after: first)
      }
    }
  }

  /// `moved: A -> B` where as many go as come, else `added: ...` and `removed: ...`; nothing where
  /// nothing changes.
  public var lines: [String] {
    if added.count == removed.count, added.count > 0 {
      let pairs = zip(removed.first, added.first).map { "\($0) -> \($1)" }
      let rest = added.count - pairs.count
      return ["moved: " + pairs.joined(separator: ", ") + (rest > 0 ? " and \(rest) more" : "")]
    }
    return (added.count > 0 ? ["added: \(added.text)"] : [])
      + (removed.count > 0 ? ["removed: \(removed.text)"] : [])
  }
}

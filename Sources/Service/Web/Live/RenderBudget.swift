import Domain

/// How much time may be spent on making pages anew for those who have them open: a share of all time, of which
/// some is saved up while nothing happens. So open pages cost no more than that, however many, however large they
/// are, and however often something is committed; what cannot be had at once comes later.
struct RenderBudget: Sendable {
  /// Of a thousand parts of one processor.
  static let shareInThousand: Int64 = 35
  /// What is saved up at most.
  static let most = TimeSpan.seconds(1)

  private var saved = Self.most
  private var looked: TimeSpan?
  /// Parts of a millisecond that were not saved yet, in thousandths.
  private var rest: Int64 = 0

  /// Whether there is time to make a page.
  mutating func allows(uptime: TimeSpan) -> Bool {
    let passed = looked.map { max(.zero, uptime - $0) } ?? .zero
    looked = uptime
    let earned = passed.milliseconds * Self.shareInThousand + rest
    rest = earned % 1000
    saved = min(Self.most, saved + .milliseconds(earned / 1000))
    return saved > .zero
  }

  /// A page took so long; less than a millisecond counts as one.
  mutating func spend(_ span: TimeSpan) { saved = saved - max(span, .milliseconds(1)) }
}

/// Variances and covariance of the last n pairs, times n, in constant time and without drift: as
/// `WindowMoments`, for two columns.
struct WindowComoments: BitwiseCopyable {
  let period: Int
  private let inverse: Double
  private var filled = 0
  private var pivots = (0.0, 0.0)
  private var sums = Sums()

  /// Sums of differences from the pivots.
  private struct Sums: BitwiseCopyable {
    var x = 0.0
    var y = 0.0
    var xx = 0.0
    var yy = 0.0
    var xy = 0.0

    @inline(__always)
    mutating func add(_ dx: Double, _ dy: Double) {
      x += dx
      y += dy
      xx += dx * dx
      yy += dy * dy
      xy += dx * dy
    }
  }

  init(_ period: Int) {
    self.period = period
    inverse = 1 / Double(period)
  }

  var windowCount: Int { 5 * period }

  /// Takes the next pair; means something from the n-th on.
  @inline(__always)
  mutating func step(
    _ x: Double, _ y: Double, _ window: Window
  ) -> (xx: Double, yy: Double, xy: Double) {
    let here = window + 5 * filled
    here[0] = x
    here[1] = y
    sums.add(x - pivots.0, y - pivots.1)
    filled += 1
    var total = Sums()
    if filled < period {
      let before = window + 5 * filled
      total.x = before[0] + sums.x
      total.y = before[1] + sums.y
      total.xx = before[2] + sums.xx
      total.yy = before[3] + sums.yy
      total.xy = before[4] + sums.xy
    } else {
      pivots = (x, y)
      var index = period - 1
      while index >= 0 {
        let here = window + 5 * index
        total.add(here[0] - x, here[1] - y)
        here[0] = total.x
        here[1] = total.y
        here[2] = total.xx
        here[3] = total.yy
        here[4] = total.xy
        index -= 1
      }
      filled = 0
      sums = Sums()
    }
    return (
      total.xx - total.x * total.x * inverse, total.yy - total.y * total.y * inverse,
      total.xy - total.x * total.y * inverse
    )
  }

  mutating func code(_ coder: inout StateCoder) {
    coder.count(&filled, through: period - 1)
    coder.number(&pivots.0)
    coder.number(&pivots.1)
    coder.number(&sums.x)
    coder.number(&sums.y)
    coder.number(&sums.xx)
    coder.number(&sums.yy)
    coder.number(&sums.xy)
  }
}

import Glibc

/// What of the line of least squares through n values a kernel tells.
protocol TrendReading: BitwiseCopyable {
  static func read(_ mean: Double, _ slope: Double, _ half: Double) -> Double
}

/// LINEARREG: the line at the newest value. Source: TA-Lib `LINEARREG`.
enum TrendEnd: TrendReading {
  @inline(__always)
  static func read(_ mean: Double, _ slope: Double, _ half: Double) -> Double {
    mean + slope * half
  }
}

/// LINEARREG_SLOPE: the line's rise per candle. Source: TA-Lib `LINEARREG_SLOPE`.
enum TrendSlope: TrendReading {
  @inline(__always)
  static func read(_ mean: Double, _ slope: Double, _ half: Double) -> Double { slope }
}

/// LINEARREG_ANGLE: the slope as an angle in degrees. Source: TA-Lib `LINEARREG_ANGLE`.
enum TrendAngle: TrendReading {
  @inline(__always)
  static func read(_ mean: Double, _ slope: Double, _ half: Double) -> Double {
    atan(slope) * (180 / Double.pi)
  }
}

/// LINEARREG_INTERCEPT: the line at the oldest value. Source: TA-Lib `LINEARREG_INTERCEPT`.
enum TrendStart: TrendReading {
  @inline(__always)
  static func read(_ mean: Double, _ slope: Double, _ half: Double) -> Double {
    mean - slope * half
  }
}

/// TSF: the line one candle ahead. Source: TA-Lib `TSF`.
enum TrendForecast: TrendReading {
  @inline(__always)
  static func read(_ mean: Double, _ slope: Double, _ half: Double) -> Double {
    mean + slope * (half + 1)
  }
}

/// A kernel that reads the line.
struct Regression<Reading: TrendReading>: Kernel {
  static var outputCount: Int { 1 }
  private var trend: WindowTrend
  private let half: Double

  init(_ arguments: Arguments) {
    trend = WindowTrend(arguments.int(0))
    half = Double(trend.period - 1) / 2
  }

  var lookback: Int { trend.period - 1 }
  var windowCount: Int { trend.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (mean, slope) = trend.step(a, window)
    return Values(Reading.read(mean, slope, half))
  }

  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    let (output, half) = (lanes.outputs.0, half)
    trend.run(lanes.inputs.0, lanes.count, lanes.window) { row, mean, slope in
      output[row] = Reading.read(mean, slope, half)
    }
  }

  mutating func code(_ coder: inout StateCoder) { trend.code(&coder) }
}

/// CORREL: Pearson's correlation of n pairs, within -1 and 1; 0 where one of the two stands still.
/// Source: TA-Lib `CORREL`.
struct Correlation: Kernel {
  static var outputCount: Int { 1 }
  private var moments: WindowComoments

  init(_ arguments: Arguments) { moments = WindowComoments(arguments.int(0)) }

  var lookback: Int { moments.period - 1 }
  var windowCount: Int { moments.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (xx, yy, xy) = moments.step(a, b, window)
    guard xx > 0, yy > 0 else { return Values(0) }
    return Values(smaller(1, larger(-1, xy / (xx * yy).squareRoot())))
  }

  mutating func code(_ coder: inout StateCoder) { moments.code(&coder) }
}

/// BETA: the slope of the second column's relative changes over the first's, n of them; 0 where the
/// first stands still. Source: TA-Lib `BETA`.
struct Beta: Kernel {
  static var outputCount: Int { 1 }
  private var moments: WindowComoments
  private var last = (0.0, 0.0)
  private var isFirst = true

  init(_ arguments: Arguments) { moments = WindowComoments(arguments.int(0)) }

  var lookback: Int { moments.period }
  var windowCount: Int { moments.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let x = last.0 == 0 ? 0 : (a - last.0) / last.0
    let y = last.1 == 0 ? 0 : (b - last.1) / last.1
    last = (a, b)
    if isFirst {
      isFirst = false
      return Values(0)
    }
    let (xx, _, xy) = moments.step(x, y, window)
    return Values(xx > 0 ? xy / xx : 0)
  }

  mutating func code(_ coder: inout StateCoder) {
    moments.code(&coder)
    coder.number(&last.0)
    coder.number(&last.1)
    coder.flag(&isFirst)
  }
}

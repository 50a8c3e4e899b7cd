/// MAX: the largest of n values. Source: TA-Lib `MAX`.
struct Maximum: Filter {
  private var window: WindowExtreme

  init(period: Int) { window = WindowExtreme(period) }

  var lookback: Int { window.period - 1 }
  var windowCount: Int { window.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double { self.window.step(x, window) }

  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    self.window.run(x, count, window, output, sign: 1)
  }

  mutating func code(_ coder: inout StateCoder) { window.code(&coder) }
}

/// MIN: the smallest of n values. Source: TA-Lib `MIN`.
struct Minimum: Filter {
  private var window: WindowExtreme

  init(period: Int) { window = WindowExtreme(period) }

  var lookback: Int { window.period - 1 }
  var windowCount: Int { window.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double { -self.window.step(-x, window) }

  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    self.window.run(x, count, window, output, sign: -1)
  }

  mutating func code(_ coder: inout StateCoder) { window.code(&coder) }
}

/// SUM: the sum of n values. Source: TA-Lib `SUM`.
struct Sum: Filter {
  private var window: WindowSum

  init(period: Int) { window = WindowSum(period) }

  var lookback: Int { window.period - 1 }
  var windowCount: Int { window.windowCount }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double { self.window.step(x, window) }

  mutating func code(_ coder: inout StateCoder) { window.code(&coder) }
}

/// MIDPOINT: the middle between the largest and the smallest of n values, the same column twice.
/// MIDPRICE: the middle between the highest high and the lowest low. Source: TA-Lib.
struct Middle: Kernel {
  static var outputCount: Int { 1 }
  private var range: WindowExtremes

  init(_ arguments: Arguments) { range = WindowExtremes(arguments.int(0)) }

  var lookback: Int { range.period - 1 }
  var windowCount: Int { range.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (highest, lowest) = range.step(a, b, window)
    return Values((highest + lowest) / 2)
  }

  mutating func code(_ coder: inout StateCoder) { range.code(&coder) }
}

/// WILLR: how far the close is below the highest high of n candles, from 0 to -100 at the lowest low;
/// 0 where the two are equal. Source: TA-Lib `WILLR`; L. Williams.
struct WilliamsRange: Kernel {
  static var outputCount: Int { 1 }
  private var range: WindowExtremes

  init(_ arguments: Arguments) { range = WindowExtremes(arguments.int(0)) }

  var lookback: Int { range.period - 1 }
  var windowCount: Int { range.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (highest, lowest) = range.step(a, b, window)
    let span = highest - lowest
    return Values(span == 0 ? 0 : (highest - c) / span * -100)
  }

  @inline(__always)
  mutating func run(_ lanes: Lanes) {
    let (close, output) = (lanes.inputs.2, lanes.outputs.0)
    range.run(lanes.inputs.0, lanes.inputs.1, lanes.count, lanes.window) { row, highest, lowest in
      let span = highest - lowest
      output[row] = span == 0 ? 0 : (highest - close[row]) / span * -100
    }
  }

  mutating func code(_ coder: inout StateCoder) { range.code(&coder) }
}

/// DONCHIAN: the highest high and the lowest low of n candles, and their middle.
/// Source: TA-Lib `DONCHIAN`; R. Donchian.
struct DonchianChannel: Kernel {
  static var outputCount: Int { 3 }
  private var range: WindowExtremes

  init(_ arguments: Arguments) { range = WindowExtremes(arguments.int(0)) }

  var lookback: Int { range.period - 1 }
  var windowCount: Int { range.windowCount }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    let (highest, lowest) = range.step(a, b, window)
    return Values(highest, (highest + lowest) / 2, lowest)
  }

  mutating func code(_ coder: inout StateCoder) { range.code(&coder) }
}

/// ICHIMOKU: conversion line (tenkan) and base line (kijun), the middles of their periods, and the
/// two leading spans as the chart shows them at this candle: computed `displacement` - 1 candles
/// ago, since the candle that is drawn on counts as the first. The lagging span is left out: at
/// this candle it would show a later close.
/// Source: G. Hosoda (1969); the arithmetic of TradingView's built-in "Ichimoku Cloud".
struct Ichimoku: Kernel {
  static var outputCount: Int { 4 }
  private var conversion: WindowExtremes
  private var base: WindowExtremes
  private var span: WindowExtremes
  private var delayA: Delay
  private var delayB: Delay
  private let displacement: Int

  init(_ arguments: Arguments) {
    conversion = WindowExtremes(arguments.int(0))
    base = WindowExtremes(arguments.int(1))
    span = WindowExtremes(arguments.int(2))
    displacement = arguments.int(3) - 1
    delayA = Delay(max(1, displacement))
    delayB = Delay(max(1, displacement))
  }

  var lookback: Int { max(conversion.period, base.period, span.period) - 1 + displacement }
  var windowCount: Int {
    conversion.windowCount + base.windowCount + span.windowCount + 2 * delayA.windowCount
  }

  @inline(__always)
  mutating func step(
    _ a: Double, _ b: Double, _ c: Double, _ d: Double, _ window: Window
  ) -> Values {
    var window = window
    let (high1, low1) = conversion.step(a, b, window)
    window += conversion.windowCount
    let (high2, low2) = base.step(a, b, window)
    window += base.windowCount
    let (high3, low3) = span.step(a, b, window)
    window += span.windowCount
    let tenkan = (high1 + low1) / 2
    let kijun = (high2 + low2) / 2
    let ahead = ((tenkan + kijun) / 2, (high3 + low3) / 2)
    guard displacement > 0 else { return Values(tenkan, kijun, ahead.0, ahead.1) }
    return Values(
      tenkan, kijun, delayA.step(ahead.0, window),
      delayB.step(ahead.1, window + delayA.windowCount))
  }

  mutating func code(_ coder: inout StateCoder) {
    conversion.code(&coder)
    base.code(&coder)
    span.code(&coder)
    delayA.code(&coder)
    delayB.code(&coder)
  }
}

/// Whichever average a `matype` names; over one value each is the value itself, as in TA-Lib's `MA`.
enum AnyAverage: BitwiseCopyable {
  case simple(SimpleAverage)
  case exponential(ExponentialAverage)
  case weighted(WeightedAverage)
  case double(DoubleExponentialAverage)
  case triple(TripleExponentialAverage)
  case triangular(TriangularAverage)
  case adaptive(AdaptiveAverage)
  case tillson(TillsonAverage)

  /// The average of a `matype` over so many values.
  init(type: Int, period: Int) {
    if period == 1 {
      self = .simple(SimpleAverage(period: 1))
      return
    }
    switch type {
    case 0: self = .simple(SimpleAverage(period: period))
    case 1: self = .exponential(ExponentialAverage(period: period))
    case 2: self = .weighted(WeightedAverage(period: period))
    case 3: self = .double(DoubleExponentialAverage(period: period))
    case 4: self = .triple(TripleExponentialAverage(period: period))
    case 5: self = .triangular(TriangularAverage(period: period))
    case 6: self = .adaptive(AdaptiveAverage(period: period))
    case 8: self = .tillson(TillsonAverage(period: period))
    default: preconditionFailure("no average has the number \(type)")
    }
  }

  var lookback: Int {
    switch self {
    case .simple(let filter): filter.lookback
    case .exponential(let filter): filter.lookback
    case .weighted(let filter): filter.lookback
    case .double(let filter): filter.lookback
    case .triple(let filter): filter.lookback
    case .triangular(let filter): filter.lookback
    case .adaptive(let filter): filter.lookback
    case .tillson(let filter): filter.lookback
    }
  }

  var windowCount: Int {
    switch self {
    case .simple(let filter): filter.windowCount
    case .weighted(let filter): filter.windowCount
    case .triangular(let filter): filter.windowCount
    case .adaptive(let filter): filter.windowCount
    case .exponential, .double, .triple, .tillson: 0
    }
  }

  var isWarm: Bool {
    switch self {
    case .simple(let filter): filter.isWarm
    case .exponential(let filter): filter.isWarm
    case .weighted(let filter): filter.isWarm
    case .double(let filter): filter.isWarm
    case .triple(let filter): filter.isWarm
    case .triangular(let filter): filter.isWarm
    case .adaptive(let filter): filter.isWarm
    case .tillson(let filter): filter.isWarm
    }
  }

  @inline(__always)
  mutating func step(_ x: Double, _ window: Window) -> Double {
    switch self {
    case .simple(var filter):
      defer { self = .simple(filter) }
      return filter.step(x, window)
    case .exponential(var filter):
      defer { self = .exponential(filter) }
      return filter.step(x, window)
    case .weighted(var filter):
      defer { self = .weighted(filter) }
      return filter.step(x, window)
    case .double(var filter):
      defer { self = .double(filter) }
      return filter.step(x, window)
    case .triple(var filter):
      defer { self = .triple(filter) }
      return filter.step(x, window)
    case .triangular(var filter):
      defer { self = .triangular(filter) }
      return filter.step(x, window)
    case .adaptive(var filter):
      defer { self = .adaptive(filter) }
      return filter.step(x, window)
    case .tillson(var filter):
      defer { self = .tillson(filter) }
      return filter.step(x)
    }
  }

  mutating func code(_ coder: inout StateCoder) {
    switch self {
    case .simple(var filter):
      filter.code(&coder)
      self = .simple(filter)
    case .exponential(var filter):
      filter.code(&coder)
      self = .exponential(filter)
    case .weighted(var filter):
      filter.code(&coder)
      self = .weighted(filter)
    case .double(var filter):
      filter.code(&coder)
      self = .double(filter)
    case .triple(var filter):
      filter.code(&coder)
      self = .triple(filter)
    case .triangular(var filter):
      filter.code(&coder)
      self = .triangular(filter)
    case .adaptive(var filter):
      filter.code(&coder)
      self = .adaptive(filter)
    case .tillson(var filter):
      filter.code(&coder)
      self = .tillson(filter)
    }
  }
}

/// An average that a composed kernel is specialised for.
protocol TypedAverage: BitwiseCopyable {
  init(type: Int, period: Int)
  var lookback: Int { get }
  var windowCount: Int { get }
  var isWarm: Bool { get }
  mutating func step(_ x: Double, _ window: Window) -> Double
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window)
  mutating func code(_ coder: inout StateCoder)
}

extension AnyAverage: TypedAverage {
  @inline(__always)
  mutating func run(_ x: Lanes.Column, _ count: Int, _ window: Window, _ output: Window) {
    for row in 0..<count { output[row] = step(x[row], window) }
  }
}

extension SimpleAverage: TypedAverage {
  init(type: Int, period: Int) { self.init(period: period) }
}

extension ExponentialAverage: TypedAverage {
  init(type: Int, period: Int) { self.init(period: period) }
}

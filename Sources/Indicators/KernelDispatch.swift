/// Something to be done with the kernel of a kind, whatever its type.
protocol KernelVisitor {
  associatedtype Result
  func visit<K: Kernel>(_ kernel: K.Type) -> Result
}

/// The kernels. There are more of them than functions where a common choice of parameters has a
/// faster kernel of its own.
enum KernelKind: UInt8 {
  case sma, ema, rsi, macd, atr, trange, bbands, roc

  /// The kernel that computes a call.
  init(_ call: IndicatorCall) {
    switch call.function {
    case .sma: self = .sma
    case .ema: self = .ema
    case .rsi: self = .rsi
    case .macd: self = .macd
    case .atr: self = .atr
    case .trange: self = .trange
    case .bbands: self = .bbands
    case .roc: self = .roc
    }
  }

  /// Calls the visitor with the type of the kernel: the one place where kinds become types.
  @inline(__always)
  func accept<V: KernelVisitor>(_ visitor: V) -> V.Result {
    switch self {
    case .sma: visitor.visit(Filtered<SimpleAverage>.self)
    case .ema: visitor.visit(Filtered<ExponentialAverage>.self)
    case .rsi: visitor.visit(Filtered<RelativeStrength>.self)
    case .macd: visitor.visit(Convergence.self)
    case .atr: visitor.visit(AverageTrueRange.self)
    case .trange: visitor.visit(TrueRange.self)
    case .bbands: visitor.visit(BollingerBands.self)
    case .roc: visitor.visit(Filtered<RateOfChange>.self)
    }
  }
}

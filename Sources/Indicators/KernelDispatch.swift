/// Something to be done with the kernel of a kind, whatever its type.
protocol KernelVisitor {
  associatedtype Result
  func visit<K: Kernel>(_ kernel: K.Type) -> Result
}

/// The kernels. There are more of them than functions where a common choice of parameters has a
/// faster kernel of its own.
enum KernelKind: UInt8 {
  case sma, ema, wma, dema, tema, trima, kama, t3, hma, vwap, vwapDaily, rsi, stoch, stochOfAny,
    stochf, stochfOfAny, stochrsi, stochrsiOfAny, macd, ppoOfSimple, ppoOfExponential,
    ppoOfAny, apoOfSimple, apoOfExponential, apoOfAny, cci, cmo, mfi, adx, adxr, plusDi,
    minusDi, plusDm, minusDm, dx, aroon, aroonosc, bop, mom, roc, rocp, willr, trix, ultosc,
    atr, natr, trange, bbands, bbandsOfAny, keltner, donchian, stddev, variance, obv, ad, adosc,
    sar, linearreg, linearregSlope, linearregAngle, linearregIntercept, tsf, beta, correl,
    min, max, sum, midpoint, midprice, supertrend, ichimoku, logret, realvol, zscore, rank,
    hour, weekday

  /// The kernel that computes a call.
  init(_ call: IndicatorCall) {
    switch call.function {
    case .sma: self = .sma
    case .ema: self = .ema
    case .wma: self = .wma
    case .dema: self = .dema
    case .tema: self = .tema
    case .trima: self = .trima
    case .kama: self = .kama
    case .t3: self = .t3
    case .hma: self = .hma
    case .vwap: self = .vwap
    case .vwapDaily: self = .vwapDaily
    case .rsi: self = .rsi
    case .stoch: self = call.arguments[2] == 0 && call.arguments[4] == 0 ? .stoch : .stochOfAny
    case .stochf: self = call.arguments[2] == 0 ? .stochf : .stochfOfAny
    case .stochrsi: self = call.arguments[3] == 0 ? .stochrsi : .stochrsiOfAny
    case .macd: self = .macd
    case .ppo:
      self =
        call.arguments[2] == 0
        ? .ppoOfSimple : call.arguments[2] == 1 ? .ppoOfExponential : .ppoOfAny
    case .apo:
      self =
        call.arguments[2] == 0
        ? .apoOfSimple : call.arguments[2] == 1 ? .apoOfExponential : .apoOfAny
    case .cci: self = .cci
    case .cmo: self = .cmo
    case .mfi: self = .mfi
    case .adx: self = .adx
    case .adxr: self = .adxr
    case .plusDi: self = .plusDi
    case .minusDi: self = .minusDi
    case .plusDm: self = .plusDm
    case .minusDm: self = .minusDm
    case .dx: self = .dx
    case .aroon: self = .aroon
    case .aroonosc: self = .aroonosc
    case .bop: self = .bop
    case .mom: self = .mom
    case .roc: self = .roc
    case .rocp: self = .rocp
    case .willr: self = .willr
    case .trix: self = .trix
    case .ultosc: self = .ultosc
    case .atr: self = .atr
    case .natr: self = .natr
    case .trange: self = .trange
    case .bbands: self = call.arguments[3] == 0 ? .bbands : .bbandsOfAny
    case .keltner: self = .keltner
    case .donchian: self = .donchian
    case .stddev: self = .stddev
    case .variance: self = .variance
    case .obv: self = .obv
    case .ad: self = .ad
    case .adosc: self = .adosc
    case .sar: self = .sar
    case .linearreg: self = .linearreg
    case .linearregSlope: self = .linearregSlope
    case .linearregAngle: self = .linearregAngle
    case .linearregIntercept: self = .linearregIntercept
    case .tsf: self = .tsf
    case .beta: self = .beta
    case .correl: self = .correl
    case .min: self = .min
    case .max: self = .max
    case .sum: self = .sum
    case .midpoint: self = .midpoint
    case .midprice: self = .midprice
    case .supertrend: self = .supertrend
    case .ichimoku: self = .ichimoku
    case .logret: self = .logret
    case .realvol: self = .realvol
    case .zscore: self = .zscore
    case .rank: self = .rank
    case .hour: self = .hour
    case .weekday: self = .weekday
    }
  }

  /// Calls the visitor with the type of the kernel: the one place where kinds become types.
  @inline(__always)
  func accept<V: KernelVisitor>(_ visitor: V) -> V.Result {
    switch self {
    case .sma: visitor.visit(Filtered<SimpleAverage>.self)
    case .ema: visitor.visit(Filtered<ExponentialAverage>.self)
    case .wma: visitor.visit(Filtered<WeightedAverage>.self)
    case .dema: visitor.visit(Filtered<DoubleExponentialAverage>.self)
    case .tema: visitor.visit(Filtered<TripleExponentialAverage>.self)
    case .trima: visitor.visit(Filtered<TriangularAverage>.self)
    case .kama: visitor.visit(Filtered<AdaptiveAverage>.self)
    case .t3: visitor.visit(Tillson.self)
    case .hma: visitor.visit(Filtered<HullAverage>.self)
    case .vwap: visitor.visit(VolumeWeightedPrice.self)
    case .vwapDaily: visitor.visit(DailyVolumeWeightedPrice.self)
    case .rsi: visitor.visit(Filtered<RelativeStrength>.self)
    case .stoch: visitor.visit(Stochastic<SimpleAverage>.self)
    case .stochOfAny: visitor.visit(Stochastic<AnyAverage>.self)
    case .stochf: visitor.visit(StochasticFast<SimpleAverage>.self)
    case .stochfOfAny: visitor.visit(StochasticFast<AnyAverage>.self)
    case .stochrsi: visitor.visit(StochasticStrength<SimpleAverage>.self)
    case .stochrsiOfAny: visitor.visit(StochasticStrength<AnyAverage>.self)
    case .macd: visitor.visit(Convergence.self)
    case .ppoOfSimple: visitor.visit(PriceOscillator<SimpleAverage, PercentScale>.self)
    case .ppoOfExponential: visitor.visit(PriceOscillator<ExponentialAverage, PercentScale>.self)
    case .ppoOfAny: visitor.visit(PriceOscillator<AnyAverage, PercentScale>.self)
    case .apoOfSimple: visitor.visit(PriceOscillator<SimpleAverage, AbsoluteScale>.self)
    case .apoOfExponential: visitor.visit(PriceOscillator<ExponentialAverage, AbsoluteScale>.self)
    case .apoOfAny: visitor.visit(PriceOscillator<AnyAverage, AbsoluteScale>.self)
    case .cci: visitor.visit(CommodityChannel.self)
    case .cmo: visitor.visit(Filtered<ChandeMomentum>.self)
    case .mfi: visitor.visit(MoneyFlow.self)
    case .adx: visitor.visit(AverageDirectionalIndex.self)
    case .adxr: visitor.visit(AverageDirectionalRating.self)
    case .plusDi: visitor.visit(Movement<PlusIndicator>.self)
    case .minusDi: visitor.visit(Movement<MinusIndicator>.self)
    case .plusDm: visitor.visit(Movement<PlusMovement>.self)
    case .minusDm: visitor.visit(Movement<MinusMovement>.self)
    case .dx: visitor.visit(DirectionalIndex.self)
    case .aroon: visitor.visit(Aroon.self)
    case .aroonosc: visitor.visit(AroonOscillator.self)
    case .bop: visitor.visit(BalanceOfPower.self)
    case .mom: visitor.visit(Filtered<Change>.self)
    case .roc: visitor.visit(Filtered<RateOfChange>.self)
    case .rocp: visitor.visit(Filtered<RelativeChange>.self)
    case .willr: visitor.visit(WilliamsRange.self)
    case .trix: visitor.visit(Filtered<TripleExponentialChange>.self)
    case .ultosc: visitor.visit(UltimateOscillator.self)
    case .atr: visitor.visit(AverageTrueRange.self)
    case .natr: visitor.visit(NormalisedTrueRange.self)
    case .trange: visitor.visit(TrueRange.self)
    case .bbands: visitor.visit(BollingerBands.self)
    case .bbandsOfAny: visitor.visit(BollingerBandsOfAny.self)
    case .keltner: visitor.visit(KeltnerChannel.self)
    case .donchian: visitor.visit(DonchianChannel.self)
    case .stddev: visitor.visit(Deviation.self)
    case .variance: visitor.visit(Variance.self)
    case .obv: visitor.visit(OnBalanceVolume.self)
    case .ad: visitor.visit(Accumulation.self)
    case .adosc: visitor.visit(AccumulationOscillator.self)
    case .sar: visitor.visit(ParabolicStop.self)
    case .linearreg: visitor.visit(Regression<TrendEnd>.self)
    case .linearregSlope: visitor.visit(Regression<TrendSlope>.self)
    case .linearregAngle: visitor.visit(Regression<TrendAngle>.self)
    case .linearregIntercept: visitor.visit(Regression<TrendStart>.self)
    case .tsf: visitor.visit(Regression<TrendForecast>.self)
    case .beta: visitor.visit(Beta.self)
    case .correl: visitor.visit(Correlation.self)
    case .min: visitor.visit(Filtered<Minimum>.self)
    case .max: visitor.visit(Filtered<Maximum>.self)
    case .sum: visitor.visit(Filtered<Sum>.self)
    case .midpoint: visitor.visit(Middle.self)
    case .midprice: visitor.visit(Middle.self)
    case .supertrend: visitor.visit(SuperTrend.self)
    case .ichimoku: visitor.visit(Ichimoku.self)
    case .logret: visitor.visit(Filtered<LogReturn>.self)
    case .realvol: visitor.visit(Filtered<RealisedVolatility>.self)
    case .zscore: visitor.visit(StandardScore.self)
    case .rank: visitor.visit(RollingRank.self)
    case .hour: visitor.visit(Hour.self)
    case .weekday: visitor.visit(Weekday.self)
    }
  }
}

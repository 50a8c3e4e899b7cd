public import Domain
public import Exchange

extension PaperVenue {
  /// Where the paper venue takes candles from: the database, so that each fill names a candle that
  /// is on record.
  ///
  /// It answers with candles of the account's timeframe that opened after `after` and closed at or
  /// before `through`, in order; with `after` nil, with the last one of them alone (or none).
  public typealias ClosedCandles =
    @Sendable (_ symbol: Symbol, _ after: Instant?, _ through: Instant) throws -> [Candle]

  /// What the venue is made of.
  public struct Parts: Sendable {
    /// The name of the market.
    public var name: String
    /// The length of the candles.
    public var timeframe: Timeframe
    /// How kind the market is.
    public var model: FillModel
    /// What trading costs.
    public var fees: FeeSchedule
    /// The pair whose base asset pays the fees, at its price; nil: as the schedule says.
    public var feePair: Symbol?
    /// Whether the candles' volumes mean something.
    public var hasVolume: Bool
    /// The instant at which it trades.
    public var time: Instant
    /// The rules of every symbol that may have open orders.
    public var rules: [Symbol: Instrument]
    /// What the ledger knows, asked once, when the venue is first used.
    public var books: @Sendable () throws -> PaperBooks
    /// How much of a symbol earlier runs traded beside the candle that opened at a time.
    public var traded: @Sendable (_ symbol: Symbol, _ candle: Instant) throws -> Amount
    /// When the candle that opens at a time closes, by the market's calendar.
    public var close: @Sendable (_ open: Instant) -> Instant
    /// The candles.
    public var closedCandles: ClosedCandles

    /// Parts of a paper venue; a candle closes one timeframe after its opening unless told otherwise.
    public init(
      name: String, timeframe: Timeframe, model: FillModel, fees: FeeSchedule,
      feePair: Symbol? = nil, hasVolume: Bool = true, time: Instant, rules: [Symbol: Instrument],
      books: @escaping @Sendable () throws -> PaperBooks,
      close: (@Sendable (_ open: Instant) -> Instant)? = nil,
      traded: @escaping @Sendable (_ symbol: Symbol, _ candle: Instant) throws -> Amount = { _, _ in
        .zero
      },
      closedCandles: @escaping ClosedCandles
    ) {
      self.close = close ?? { $0 + timeframe.span }
      self.name = name
      self.timeframe = timeframe
      self.model = model
      self.fees = fees
      self.feePair = feePair
      self.hasVolume = hasVolume
      self.time = time
      self.rules = rules
      self.books = books
      self.traded = traded
      self.closedCandles = closedCandles
    }

    /// The contract of an instrument here.
    public func contract(_ instrument: Instrument) -> Contract {
      var fees = fees
      if let feePair {
        fees.currency = .third(feePair.base, pricedBy: ContractID(venue: name, "\(feePair)"))
      }
      return Contract(instrument, venue: name, fees: fees)
    }

    /// The contract of `feePair`. Of one that is not traded only the price matters.
    var feeContract: Contract? {
      feePair.map {
        contract(
          rules[$0]
            ?? Instrument(
              symbol: $0, tick: FeeSchedule.finestStep, lot: FeeSchedule.finestStep,
              minimumNotional: .zero))
      }
    }
  }
}

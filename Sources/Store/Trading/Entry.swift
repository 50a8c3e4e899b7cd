public import Domain

/// One event that changed what an account holds, as postings that balance: what comes to one book
/// leaves another, asset by asset.
public struct Entry: Hashable, Sendable, Identifiable {
  /// What happened.
  public enum Kind: String, CaseIterable, Sendable, CustomStringConvertible {
    /// The account began.
    case opening
    /// A trade.
    case fill
    /// Assets came in.
    case deposit
    /// Assets went out.
    case withdrawal
    /// Assets went from one account to another.
    case transfer
    /// A holding paid.
    case dividend
    /// One unit became several, or several one.
    case split
    /// A charge that belongs to no trade.
    case fee
    /// A holding was paid out at its end.
    case settlement
    /// The books were set to what a venue says.
    case adjustment

    /// The text in the database and on the screen.
    public var description: String { rawValue }
  }

  /// Where an asset is.
  public enum Book: String, CaseIterable, Sendable, CustomStringConvertible {
    /// With the account: cash and positions.
    case held
    /// With who traded against it.
    case market
    /// With who charges fees.
    case fees
    /// With the account's owner.
    case owner
    /// With who pays dividends.
    case income
    /// With who issues what is split or settled.
    case issuer

    /// The text in the database and on the screen.
    public var description: String { rawValue }
  }

  /// One change of one asset in one book.
  public struct Posting: Hashable, Sendable {
    /// The book.
    public var book: Book
    /// The asset.
    public var asset: String
    /// What came (above zero) or left (below).
    public var amount: Amount

    /// A posting of these parts.
    public init(_ book: Book, _ asset: String, _ amount: Amount) {
      (self.book, self.asset, self.amount) = (book, asset, amount)
    }
  }

  /// Its number.
  public var id: Int64
  /// The account.
  public var account: String
  /// What happened.
  public var kind: Kind
  /// When it happened.
  public var time: Instant
  /// Why, in words.
  public var reason: String
  /// The instrument, where it is about one.
  public var symbol: Symbol?
  /// What came in from outside (above zero) or went out, in the account's quote asset: no part of
  /// performance. Nil where nothing did.
  public var flow: Amount?
  /// The trade, where it is one.
  public var fill: FillID?
  /// The changes; for each asset they add up to zero.
  public var postings: [Posting]

  /// The name of a trade: its order, and which of it.
  public struct FillID: Hashable, Sendable {
    /// The order.
    public var order: ClientOrderID
    /// Which fill of it, as text.
    public var number: String

    /// A name of these parts.
    public init(order: ClientOrderID, number: String) {
      (self.order, self.number) = (order, number)
    }
  }

  /// The assets whose postings do not add up to zero, with what is left over.
  public static func imbalance(_ postings: [Posting]) throws(AmountError) -> [String: Amount] {
    var sums: [String: Amount] = [:]
    for posting in postings {
      sums[posting.asset] = try (sums[posting.asset] ?? .zero).adding(posting.amount)
    }
    return sums.filter { $0.value != .zero }
  }
}

public import Domain

extension ClientOrderID {
  /// The id of an order: `car-` and the first 14 characters of the lower-case base32 (RFC 4648) of
  /// the SHA-256 of `account|job|slot|instrument|leg`, the slot in milliseconds.
  ///
  /// 70 bits of the hash: among a million orders the chance of any two alike is below 10^-9.
  public init(deriving key: OrderKey) {
    let text =
      "\(key.account)|\(key.slot.job)|\(key.slot.time.milliseconds)|\(key.symbol)|\(key.leg)"
    self.init("car-" + ShortDigest.of(text, characters: Self.digestCharacters))
  }

  private static let digestCharacters = 14
}

import Domain
import Exchange

extension TradingFloor {
  /// Opens accounts with what they begin with.
  ///
  /// - Parameter access: how the venue knows the key of one.
  /// - Returns: the access of each by the public half of its key.
  /// - Throws: `Fault` when two have the same key, one is no key, or a balance is no amount.
  mutating func open<Access>(
    _ accounts: [BoxAccount], _ access: (BoxAccount) throws(Fault) -> Access
  ) throws(Fault) -> [String: Access] {
    var opened: [String: Access] = [:]
    for account in accounts {
      guard opened[account.key] == nil else {
        throw Fault(
          "open the account", account.name, cause: "another account has the same key",
          remedy: "give each a key of its own", exit: .configuration)
      }
      opened[account.key] = try access(account)
      for (asset, amount) in account.balances.sorted(by: { $0.key < $1.key }) {
        if let reason = deposit(Money(amount, asset), to: account.name) {
          throw Fault(
            "open the account", account.name, cause: "\(asset): \(reason)", exit: .configuration)
        }
      }
    }
    return opened
  }
}

import Domain
import Exchange

// What Kraken tells an account of what it has.
extension KrakenSkin {
  private func text(_ amount: Amount, places: Int = assetPlaces) -> JSONValue {
    .string(FixedText.text(amount, places: places))
  }

  private func held(_ account: String) -> [(asset: String, balance: AccountBook.Balance)] {
    (floor.core.accounts[account]?.balances ?? [:]).sorted { $0.key < $1.key }
      .map { (asset: $0.key, balance: $0.value) }
  }

  private func total(_ balance: AccountBook.Balance) -> Amount {
    // Three parts of one balance, each below the whole that was paid in or earned.
    Amount(units: balance.free.units + balance.locked.units + balance.unsettled.units)
  }

  func balance(of account: String) -> JSONValue {
    .object(
      held(account).map { .init(KrakenNames.id($0.asset), text(total($0.balance))) })
  }

  func extendedBalance(of account: String) -> JSONValue {
    .object(
      held(account).map { asset, balance in
        .init(
          KrakenNames.id(asset),
          .object([
            .init("balance", text(total(balance))), .init("hold_trade", text(balance.locked)),
          ]))
      })
  }

  /// What the key may do: all that trading needs, and taking money out only where the accounts file says so.
  ///
  /// Source: docs.kraken.com, "Get API Key Info".
  func keyInfo(_ parameters: KrakenParameters, of account: String) -> JSONValue {
    let permissions =
      [
        "query-funds", "query-open-trades", "query-closed-trades", "modify-trades", "close-trades",
      ] + (withdrawing.contains(account) ? ["withdraw-funds"] : [])
    let opening = JSONValue.string("\(floor.core.now.seconds)")
    return .object([
      .init("apiKeyName", .string(account)), .init("apiKey", .string("")),
      .init("nonce", .string(parameters["nonce"] ?? "")), .init("nonceWindow", .number(0)),
      .init("permissions", .array(permissions.map { .string($0) })), .init("iban", .string("")),
      .init("validUntil", .string("0")), .init("queryFrom", .string("0")),
      .init("queryTo", .string("0")), .init("createdTime", opening), .init("modifiedTime", opening),
      .init("ipAllowlist", .array([])), .init("lastUsed", opening),
    ])
  }

  /// What all of it is worth in one asset, as far as pairs with it tell; the rest counts for nothing.
  func tradeBalance(_ parameters: KrakenParameters, of account: String) -> JSONValue {
    let asked = parameters["asset"] ?? "ZUSD"
    var worth = 0.0
    for (asset, balance) in held(account) {
      let amount = total(balance).double
      if KrakenNames.id(asset) == asked || KrakenNames.altname(asset) == asked {
        worth += amount
        continue
      }
      for one in floor.listed {
        let symbol = one.instrument.symbol
        let price = floor.core.reference(one.id)?.price.amount.double
        guard let price, symbol.base == asset,
          [KrakenNames.id(symbol.quote), KrakenNames.altname(symbol.quote)].contains(asked)
        else { continue }
        worth += amount * price
        break
      }
    }
    let value = JSONValue.string(FixedText.text(worth, places: 4))
    let none = JSONValue.string("0.0000")
    return .object([
      .init("eb", value), .init("tb", value), .init("m", none), .init("uv", none),
      .init("n", none), .init("c", none), .init("v", none), .init("e", value), .init("mf", value),
    ])
  }

  func tradeVolume(_ parameters: KrakenParameters) throws(KrakenRefusal) -> JSONValue {
    var taker: [JSONValue.Member] = []
    var maker: [JSONValue.Member] = []
    func tier(_ rate: Rate) -> JSONValue {
      let percent = JSONValue.string(FixedText.text(rate.amount.double * 100, places: 4))
      return .object([
        .init("fee", percent), .init("minfee", percent), .init("maxfee", percent),
        .init("nextfee", .null), .init("nextvolume", .null), .init("tiervolume", .string("0.0000")),
      ])
    }
    for name in parameters.list("pair") {
      let one = try contract(name)
      taker.append(.init(one.id.text, tier(Self.taker)))
      maker.append(.init(one.id.text, tier(Self.maker)))
    }
    return .object([
      .init("currency", .string("ZUSD")), .init("volume", .string("0.0000")),
      .init("fees", .object(taker)), .init("fees_maker", .object(maker)),
    ])
  }
}

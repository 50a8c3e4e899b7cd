import Disk
import Domain
public import StrictYAML

/// The file that says who trades in the box: `accounts: { NAME: { key, secret, balances } }`.
public enum AccountsFile {
  /// Reads the accounts of a file.
  ///
  /// - Throws: `Fault` when there is no such file, `Diagnostics` with every mistake in it.
  public static func read(_ path: String) throws -> [BoxAccount] {
    try accounts(in: try TextFile.read(path), file: path)
  }

  /// Reads the accounts of a text.
  ///
  /// - Throws: every mistake in it, each with its place.
  public static func accounts(in text: String, file: String) throws(Diagnostics) -> [BoxAccount] {
    let log = DiagnosticLog()
    let reader = MappingReader(try YAMLDocument.parse(text, file: file), log: log)
    let names = reader.mapping("accounts", required: true)
    reader.finish()
    var accounts: [BoxAccount] = []
    for entry in names?.entries() ?? [] {
      let name = entry.key.text ?? ""
      let account = MappingReader(entry.value, "account \"\(name)\"", log: log)
      let key = account.name("key", required: true)
      let secret = account.name("secret", required: true)
      var balances: [String: Amount] = [:]
      if let assets = account.mapping("balances") {
        for asset in assets.entries() {
          let text = asset.key.text ?? ""
          guard Symbol(base: text, quote: text) != nil else {
            log.error(
              at: asset.key, "`\(text)` is no asset",
              mend: "write it in capital letters and digits: BTC")
            continue
          }
          let amount = log.value(
            of: asset.value, named: text, expected: "an amount that is not negative"
          ) { text in Amount(text).flatMap { $0.isNegative ? nil : $0 } }
          balances[text] = amount
        }
      }
      let permissions = account.strings("permissions") ?? []
      for node in account.list("permissions") ?? [] where node.text != "trade" {
        guard node.text != "withdraw" else { continue }
        log.error(at: node, "`permissions` may be `trade` and `withdraw`")
      }
      account.finish()
      guard let key, let secret else { continue }
      if let other = accounts.first(where: { $0.key == key }) {
        log.error(at: entry.value, "\"\(name)\" has the same key as \"\(other.name)\"")
      }
      var own = BoxAccount(name: name, key: key, secret: Secret(secret), balances: balances)
      own.mayWithdraw = permissions.contains("withdraw")
      accounts.append(own)
    }
    if let names, accounts.isEmpty, !log.hasErrors {
      log.error(at: names.node, "there is no account", mend: "name at least one")
    }
    guard !log.hasErrors else { throw log.diagnostics }
    return accounts
  }
}

import Domain
import Exchange
import Settings
import StrictYAML
import Venues

/// The account that a job names, or the only one.
struct AccountChoice {
  /// Its name.
  let name: String
  /// The account; nil when there is none of the name, which is in the log.
  let settings: AccountSettings?

  /// Reads `account`.
  init(_ reader: MappingReader, _ settings: Settings) {
    let node = reader.value("account")
    name = node?.text ?? settings.accounts.keys.min() ?? ""
    self.settings = settings.accounts[name]
    if node == nil, settings.accounts.count > 1 {
      reader.log.error(
        at: reader.node, "there are several accounts, and `account` does not say which",
        mend: "add `account: \(name)`")
    }
    guard self.settings == nil else { return }
    let mend = Spelling.nearest(name, among: settings.accounts.keys).map {
      "did you mean `\($0)`?"
    }
    reader.log.error(at: node ?? reader.node, "no account named `\(name)`", mend: mend)
  }
}

extension Universe {
  /// The exchange of an account, and its address; nil on paper.
  ///
  /// - Throws: a `Fault` when its key cannot be read, or its money is play money and the exchange is real.
  func exchange(
    of account: String, _ settings: AccountSettings, time: any TimeSource
  ) throws -> (venue: any Venue, place: String)? {
    guard let access = settings.execution.access else { return nil }
    guard let site = exchange else {
      preconditionFailure("an account at an exchange was checked to be at one")
    }
    if site.kind == .kraken, !settings.isReal, !site.isForTrying {
      throw Fault(
        "trade", "account \(account)",
        cause: "it is for trying out, and Kraken Spot has no test network: \(site.address) is real",
        remedy: "set the venue's `base-url` to that of `carillon exchange --venue kraken` on this "
          + "machine", exit: .refused)
    }
    return (try site.venue(access, fees: try settings.fees(account), time: time), site.address)
  }
}

extension AccountSettings {
  /// What a trade costs, as an exchange's schedule of fees.
  fileprivate func fees(_ account: String) throws(Fault) -> FeeSchedule {
    do {
      return .flat(try Rate(basisPoints: feeBasisPoints))
    } catch {
      throw Fault(
        "trade", account, cause: "its fee is no amount (\(error))",
        remedy: "look at fee-bps of the account", exit: .configuration)
    }
  }
}

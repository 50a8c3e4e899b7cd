public import Domain
import Exchange
import Portfolio
import Settings
import Store
import Venues

/// What was found of an account at its exchange.
public struct AccountFinding: Sendable {
  /// What was looked at: `main: key`.
  public var what: String
  /// How it stands.
  public var outcome: Outcome

  /// How something stands.
  public enum Outcome: Sendable {
    /// Well, by this figure.
    case well(String)
    /// A person should look.
    case doubtful(String, remedy: String)
    /// Not well.
    case ill(Fault)
  }
}

extension JobCatalog {
  /// Looks at each account that trades at an exchange: permissions of the key, the venue's clock, free
  /// money, the rules of what it trades. Nothing is sent.
  public func examineStandings(
    of jobs: [(listing: JobListing, job: any Job)], only account: String?, time: any TimeSource
  ) async -> [AccountFinding] {
    var found: [AccountFinding] = []
    for (listing, job) in jobs {
      guard let job = job as? RebalanceJob, job.parameters.settings.execution != .paper,
        account == nil || job.parameters.account == account
      else { continue }
      let name = job.parameters.account
      do {
        found += try await Self.within(Self.venueTimeout, of: name, time) {
          try await job.findings(listing.name, time: time)
        }
      } catch let fault as Fault {
        found.append(AccountFinding(what: "\(name): exchange", outcome: .ill(fault)))
      } catch {
        found.append(
          AccountFinding(
            what: "\(name): exchange",
            outcome: .ill(
              Fault(
                "ask", name, cause: "\(error)", remedy: "try again in a minute", exit: .unavailable)
            )
          ))
      }
    }
    return found
  }
}

extension RebalanceJob {
  fileprivate func findings(
    _ job: JobName, time: any TimeSource
  ) async throws -> [AccountFinding] {
    guard let (venue, place) = try exchange(time: time) else { return [] }
    let (name, settings) = (parameters.account, parameters.settings)
    var found: [AccountFinding] = []
    func add(_ what: String, _ outcome: AccountFinding.Outcome) {
      found.append(AccountFinding(what: "\(name): \(what)", outcome: outcome))
    }
    let snapshot = try await venue.account()
    let free = snapshot.free[settings.quote] ?? .zero
    add("exchange", .well("\(place) takes the key"))
    if settings.isLive {
      let permissions = try await venue.permissions()
      if let refusal = permissions.refusal(
        isConfirmed: settings.execution.access?.isConfirmed ?? false)
      {
        add(
          "permissions",
          .ill(
            Fault("trust", "the key", cause: refusal.cause, remedy: refusal.remedy, exit: .refused))
        )
      } else {
        add("permissions", .well("it may trade, and not withdraw"))
      }
      if permissions.isBoundToAddresses == false {
        add(
          "address",
          .doubtful(
            "the key works from everywhere", remedy: "bind it to this machine's address there"))
      }
    }
    let sent = time.now
    if let told = try await universe.source.serverTime(),
      let clock = VenueClock(venue: told, sent: sent, answered: time.now)
    {
      let figure = "ahead by \(clock.offset.milliseconds) ms, to \(clock.uncertainty.milliseconds)"
      let off = TimeSpan.milliseconds(Int64(clock.offset.milliseconds.magnitude))
      add(
        "clock of the exchange",
        off <= .seconds(1)
          ? .well(figure)
          : .doubtful(figure, remedy: "set this machine's: timedatectl set-ntp true"))
    }
    let members = (universe.chosen ?? []).filter { $0.quote == settings.quote }
    if !members.isEmpty {
      let rules = try await universe.source.instruments(members)
      let most = rules.map(\.minimumNotional).max() ?? .zero
      add("filters", .well("\(rules.count) instruments, least order \(most) \(settings.quote)"))
      if let outcome = try await rehearsal(rules, venue, time) { add("order", outcome) }
      let need = try most.multiplied(by: Amount(parameters.rule.top))
      let held = snapshot.free.count { $0.value > .zero }
      add(
        "money",
        free >= need || held > 1
          ? .well("\(free) \(settings.quote) free, \(held) assets")
          : .doubtful(
            "\(free) \(settings.quote) free, and \(parameters.rule.top) least orders take \(need)",
            remedy: "deposit, or lower `top`"))
    }
    return found
  }

  /// What the venue says of the smallest order of the first of these instruments that is quoted; nil where it
  /// is not to be asked. Nothing is sent that it may take.
  private func rehearsal(
    _ rules: [Instrument], _ venue: any Venue, _ time: any TimeSource
  ) async throws -> AccountFinding.Outcome? {
    guard let instrument = rules.first,
      let quote = try await universe.quotes([instrument.symbol], time: time)[instrument.symbol],
      let order = try OrderRehearsal(venue.contract(instrument), bid: quote.bid)
    else { return nil }
    let ticket = order.ticket
    let words = "\(ticket.quantity.amount) \(instrument.symbol) at \(ticket.limit?.amount ?? .zero)"
    switch try await venue.rehearse(ticket, on: venue.contract(instrument)) {
    case .passes: return .well("it would take a purchase of \(words)")
    case .untold: return nil
    case .refused(let reason):
      return .ill(
        Fault(
          "check an order", words, cause: reason.description,
          remedy: "look at the key, the money there, and the instrument", exit: .refused))
    }
  }
}

import Domain
import Scheduler
import Store

/// The read models as a few lines of text, for a chat. Times are in UTC.
enum ChatAnswers {
  /// Slots that are told of.
  private static let shownFires = 8

  /// The answer to a question.
  static func text(_ question: ChatDesk.Question, _ source: PageSource) throws -> String {
    switch question {
    case .help: help
    case .status: try status(source)
    case .portfolio: try portfolio(source)
    case .why(let subject): try why(subject, source)
    case .next: try next(source)
    }
  }

  private static let help = """
    /status  how all stands
    /portfolio  what is held
    /why SUBJECT  a job, JOB@SLOT, a symbol like ETH-USDT, or an order
    /next  what runs next
    Where the chat may act, each after a yes:
    /halt REASON  lets no order out
    /resume [REASON]  ends the halt
    /run JOB  runs it now
    /mute SPAN  tells nothing of alerts for so long
    """

  private static func status(_ source: PageSource) throws -> String {
    let overview = try ServiceOverview(source.store, survey: source.survey, now: source.now)
    var lines = ["\(source.mode), \(source.health.status.rawValue)"]
    if let since = overview.since { lines[0] += ", running since \(since)" }
    for account in overview.accounts {
      let name = account.account.name
      guard let latest = account.latest else {
        lines.append("\(name): not valued yet")
        continue
      }
      var parts = ["\(name): \(latest.equity.onPage) \(account.account.quote)"]
      if let day = account.dayChange { parts.append("24 h \(day.changeOnPage)") }
      if let fall = account.drawdown { parts.append("drawdown \(fall.percentOnPage)") }
      parts.append("open orders \(account.openOrders)")
      lines.append(parts.joined(separator: ", "))
    }
    if let halt = source.facts.halt { lines.append("HALTED since \(halt.since): \(halt.text)") }
    for check in source.health.checks where check.status != .pass {
      lines.append("\(check.status) \(check.name): \(check.text)")
    }
    for job in overview.jobs {
      let success = job.health.lastSuccess.map { ", last success \($0)" } ?? ""
      let next = job.next.map { ", next \($0)" } ?? ""
      lines.append("\(job.job.name) \(job.health.state.rawValue)\(success)\(next)")
    }
    return lines.joined(separator: "\n")
  }

  private static func portfolio(_ source: PageSource) throws -> String {
    let answers = try source.store.read { transaction in
      try transaction.accounts.all()
        .compactMap { try PortfolioAnswer(transaction, account: $0.name) }
    }
    guard !answers.isEmpty else { return "no account yet: the first rebalance opens it" }
    return answers.map { answer in
      let quote = answer.account.quote
      let worth =
        answer.equity.map { "\($0.onPage) \(quote)" } ?? "unknown (\(answer.unknown ?? "no value"))"
      return
        ([
          "\(answer.account.name): \(worth)"
        ]
        + answer.rows.map { row in
          var parts = ["\(row.asset) \(row.quantity)"]
          if let value = row.value, row.asset != quote { parts.append("= \(value.onPage)") }
          if let weight = row.weight { parts.append(weight.percentOnPage) }
          if let target = row.target { parts.append("of \(target.percentOnPage) wanted") }
          return parts.joined(separator: " ")
        }).joined(separator: "\n")
    }.joined(separator: "\n\n")
  }

  private static func next(_ source: PageSource) throws -> String {
    let fires = try source.schedule().upcoming(from: source.now, count: shownFires)
    guard !fires.isEmpty else { return "nothing runs by itself" }
    return fires.map { "\($0.at) \($0.job) (\($0.why))" }.joined(separator: "\n")
  }

  private static func why(_ subject: String, _ source: PageSource) throws -> String {
    if let asked = TradeExplanation.Subject(subject) {
      let found = try source.store.read {
        try TradeExplanation(of: asked, account: nil, by: source.now, $0)
      }
      guard let found else { return "no plan has anything of \(subject)" }
      return found.lines { "\($0)" }.map { "\($0.label): \($0.text)" }.joined(separator: "\n")
    }
    let schedule = try source.schedule()
    return try source.store.read { transaction in
      let slot = try Slot.asked(subject, schedule, transaction, now: source.now)
      let facts = try SlotFacts(
        slot, schedule: schedule, isServed: true, transaction, now: source.now)
      return SlotExplanation(of: facts).sentences.joined(separator: "\n")
    }
  }
}

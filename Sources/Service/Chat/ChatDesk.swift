import Domain
import Notify

/// Decides what becomes of what people write in chats: a value without clock and network.
///
/// Who may ask is a matter of the chat's number. What acts waits until the same person says yes in the same
/// chat; what is asked for anew, or not said yes to in time, is forgotten. Nothing of it outlives the process:
/// a yes that comes after a restart means nothing any more.
struct ChatDesk: Sendable {
  /// Who may ask, and what.
  struct Rules: Sendable {
    /// The numbers of the chats that are listened to.
    var chats: Set<String>
    /// Whether they may do what people do on the pages.
    var mayAct: Bool
    /// The accounts whose orders are worth money.
    var liveAccounts: [String] = []
    /// What the bot is called; nil while that is not known.
    var botName: String?
  }

  /// What is asked.
  enum Question: Hashable, Sendable {
    /// What there is to ask.
    case help
    /// What runs, and how all stands.
    case status
    /// What is held.
    case portfolio
    /// Why a slot ran, or an instrument was traded.
    case why(String)
    /// What runs next.
    case next
  }

  /// What is to be done: one of the actions of the pages, with the fields of its form.
  struct Deed: Hashable, Sendable {
    var verb: String
    var fields: [String: String]
    /// What it is, as a question: `Run rebalance now`.
    var words: String
  }

  /// What becomes of a message.
  enum Step: Hashable, Sendable {
    /// Nothing.
    case nothing
    /// It came from a chat that is not listened to.
    case strange
    /// This is said.
    case say(String)
    /// This is looked up and said.
    case answer(Question)
    /// This is done, and said what came of it.
    case act(Deed)
  }

  /// What waits for a yes.
  private struct Pending: Sendable {
    var deed: Deed
    var person: Int64
    var code: String
    var end: Instant
  }

  /// Changed when the bot's name is known.
  var rules: Rules
  private var pending: [String: Pending] = [:]
  /// When each chat was last answered, within the last minute.
  private var answered: [String: [Instant]] = [:]

  /// A yes must come within so long.
  static let patience = TimeSpan.minutes(2)
  /// What took longer to arrive is not done.
  static let longestDelay = TimeSpan.minutes(2)
  /// A chat is answered so often in a minute, as Telegram's groups take it.
  static let mostAnswers = 20
  /// The longest text that is looked at, in characters.
  static let longestText = 500

  init(_ rules: Rules) { self.rules = rules }

  /// What becomes of a message.
  ///
  /// - Parameter code: makes the word that a yes must repeat, so that none counts for another question.
  mutating func hear(_ message: ChatMessage, now: Instant, code: () -> String) -> Step {
    guard rules.chats.contains(message.chat) else { return .strange }
    let words = message.text.prefix(Self.longestText).split(whereSeparator: \.isWhitespace)
      .map(String.init)
    guard let command = command(words.first) else { return .nothing }
    guard admits(message.chat, now) else { return .nothing }
    let delay = now - message.time
    guard delay <= Self.longestDelay else {
      return .say("/\(command) came \(delay.rounded) late and is not answered: write it again")
    }
    let rest = words.dropFirst().joined(separator: " ")
    switch command {
    case "yes": return confirm(message, Array(words.dropFirst()), now)
    case "no":
      let was = pending.removeValue(forKey: message.chat)
      return .say(was == nil ? "nothing waits for a yes" : "it is left as it is")
    case "start", "help": return .answer(.help)
    case "status": return .answer(.status)
    case "portfolio": return .answer(.portfolio)
    case "next": return .answer(.next)
    case "why":
      return rest.isEmpty
        ? .say("why what? /why ETH-USDT, /why JOB, /why JOB@SLOT or /why ORDER")
        : .answer(.why(rest))
    case "halt", "resume", "run", "mute":
      guard rules.mayAct else {
        return .say("this chat may only ask: `commands: act` in the settings lets it act")
      }
      switch Self.deed(command, rest) {
      case .left(let mistake): return .say(mistake)
      case .right(let deed): return ask(deed, message, now, code())
      }
    default: return .say("there is no /\(command); /help tells what there is")
    }
  }

  /// The command of a first word, `/status` or `/status@OurBot`; nil for anything else, and for one that is
  /// another bot's.
  private func command(_ word: String?) -> String? {
    guard let word, word.hasPrefix("/") else { return nil }
    let parts = word.dropFirst().split(
      separator: "@", maxSplits: 1, omittingEmptySubsequences: false)
    guard let name = parts.first, !name.isEmpty, name.count <= 32,
      name.allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || $0 == "_") })
    else { return nil }
    if parts.count > 1, rules.botName?.lowercased() != parts[1].lowercased() { return nil }
    return name.lowercased()
  }

  /// Whether a chat is answered once more.
  private mutating func admits(_ chat: String, _ now: Instant) -> Bool {
    var times = (answered[chat] ?? []).filter { $0 > now - .minutes(1) && $0 <= now }
    defer { answered[chat] = times }
    guard times.count < Self.mostAnswers else { return false }
    times.append(now)
    return true
  }

  private enum Either { case left(String), right(Deed) }

  private static func deed(_ command: String, _ rest: String) -> Either {
    switch command {
    case "halt":
      guard !rest.isEmpty else { return .left("say why: /halt REASON") }
      return .right(Deed(verb: "halt", fields: ["reason": rest], words: "Halt trading: \(rest)"))
    case "resume":
      return .right(
        Deed(
          verb: "resume", fields: ["reason": rest.isEmpty ? "by chat" : rest],
          words: "End the halt of trading"))
    case "run":
      guard JobName(rest) != nil else { return .left("run what? /run JOB") }
      return .right(Deed(verb: "run-job", fields: ["subject": rest], words: "Run \(rest) now"))
    default:
      guard let span = TimeSpan(rest), span <= .days(30) else {
        return .left("for how long? /mute 2h, at most 30d; /mute 0s ends it")
      }
      return .right(
        Deed(
          verb: "silence", fields: ["subject": "all", "span": rest, "reason": "by chat"],
          words: span > .zero ? "Tell nothing of alerts for \(span)" : "Tell of alerts again"))
    }
  }

  private mutating func ask(
    _ deed: Deed, _ message: ChatMessage, _ now: Instant, _ code: String
  ) -> Step {
    pending[message.chat] = Pending(
      deed: deed, person: message.person, code: code, end: now + Self.patience)
    let account = asksForAccount(deed) ? " \(rules.liveAccounts.joined(separator: "|"))" : ""
    let money = account.isEmpty ? "" : " This is real money: the account's name is part of the yes."
    return .say("\(deed.words)?\(money)\nWithin \(Self.patience): /yes \(code)\(account)")
  }

  private mutating func confirm(_ message: ChatMessage, _ words: [String], _ now: Instant) -> Step {
    guard let asked = pending[message.chat], now <= asked.end else {
      pending[message.chat] = nil
      return .say("nothing waits for a yes")
    }
    guard asked.person == message.person else {
      return .say("whoever asked for it says yes")
    }
    // One try: a yes that is wrong is no yes to anything.
    pending[message.chat] = nil
    guard words.first == asked.code else {
      return .say("that was asked with another number: ask for it again")
    }
    var deed = asked.deed
    if asksForAccount(deed) {
      guard words.count == 2, rules.liveAccounts.contains(words[1]) else {
        return .say("this is real money, and that is not the account's name: ask for it again")
      }
      deed.fields["account"] = words[1]
    } else if words.count != 1 {
      return .say("there is more behind that yes than was asked: ask for it again")
    }
    return .act(deed)
  }

  private func asksForAccount(_ deed: Deed) -> Bool {
    !rules.liveAccounts.isEmpty && DashboardActions.risky.contains(deed.verb)
  }
}

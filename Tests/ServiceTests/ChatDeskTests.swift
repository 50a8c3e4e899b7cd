import Domain
import Notify
import Testing

@testable import Service

/// What becomes of what people write to a bot.
@Suite struct ChatDeskTests {
  static let noon = Instant(rfc3339: "2026-11-20T12:00:00Z")!
  static let home = "-100"
  static let kim: Int64 = 7
  static let lee: Int64 = 8

  static func rules(_ mayAct: Bool = true, live: [String] = []) -> ChatDesk.Rules {
    ChatDesk.Rules(chats: [home, "42"], mayAct: mayAct, liveAccounts: live, botName: "OurBot")
  }

  static func said(
    _ text: String, by person: Int64 = kim, in chat: String = home, at time: Instant = noon
  ) -> ChatMessage {
    ChatMessage(chat: chat, person: person, name: "kim", text: text, time: time)
  }

  /// The step of one message, as words: a beginning of what is said suffices.
  static func words(_ step: ChatDesk.Step) -> String {
    switch step {
    case .nothing: "nothing"
    case .strange: "strange"
    case .say(let text): "say \(text)"
    case .answer(let question): "answer \(question)"
    case .act(let deed):
      "act \(deed.verb) "
        + deed.fields.sorted { $0.key < $1.key }
        .map { "\($0.key)=\($0.value)" }.joined(separator: " ")
    }
  }

  // A single message to a desk where nothing waits.
  static let single: [(text: String, mayAct: Bool, step: String)] = [
    // What is asked.
    ("/status", false, "answer status"), ("/STATUS", false, "answer status"),
    ("/status@OurBot", false, "answer status"), ("/status@ourbot", false, "answer status"),
    (" \n/status \t ", false, "answer status"), ("/portfolio", false, "answer portfolio"),
    ("/next", false, "answer next"), ("/start", false, "answer help"),
    ("/help", false, "answer help"), ("/why ETH-USDT", false, "answer why(\"ETH-USDT\")"),
    ("/why fetch@2026-11-20T11:01:00Z", false, "answer why(\"fetch@2026-11-20T11:01:00Z\")"),
    ("/why", false, "say why what?"), ("/stauts", false, "say there is no /stauts"),
    // What is nobody's command, or another bot's.
    ("status", false, "nothing"), ("", false, "nothing"), ("/", false, "nothing"),
    ("/@OurBot", false, "nothing"), ("/status@OtherBot", false, "nothing"),
    ("hello /halt now", true, "nothing"), ("/é", true, "nothing"), ("/a;b", true, "nothing"),
    ("/" + String(repeating: "a", count: 33), true, "nothing"),
    // What acts is off by default.
    ("/halt model drift", false, "say this chat may only ask"),
    ("/resume", false, "say this chat may only ask"),
    ("/run fetch", false, "say this chat may only ask"),
    ("/mute 2h", false, "say this chat may only ask"),
    // And asks again where it is on.
    ("/halt model  drift", true, "say Halt trading: model drift?\nWithin 2m: /yes 4711"),
    ("/halt", true, "say say why"), ("/resume", true, "say End the halt of trading?"),
    ("/run fetch", true, "say Run fetch now?"), ("/run", true, "say run what?"),
    ("/run two words", true, "say run what?"), ("/run ../../etc", true, "say run what?"),
    ("/mute 2h", true, "say Tell nothing of alerts for 2h?"),
    ("/mute 0s", true, "say Tell of alerts again?"), ("/mute", true, "say for how long?"),
    ("/mute 31d", true, "say for how long?"), ("/mute soon", true, "say for how long?"),
    // A yes to nothing.
    ("/yes 4711", true, "say nothing waits for a yes"), ("/no", true, "say nothing waits"),
  ]

  @Test(arguments: single)
  func aMessage(_ text: String, _ mayAct: Bool, _ step: String) {
    var desk = ChatDesk(Self.rules(mayAct))
    let found = Self.words(desk.hear(Self.said(text), now: Self.noon) { "4711" })
    #expect(found == step || step.hasPrefix("say ") && found.hasPrefix(step), "\(found)")
  }

  /// Messages one after the other: who, where, seconds after noon, text; and what becomes of the last.
  struct Course: Sendable, CustomTestStringConvertible {
    var title: String
    var live: [String] = []
    var messages: [(person: Int64, chat: String, second: Int64, text: String)]
    var step: String
    var testDescription: String { title }
  }

  static let courses: [Course] = [
    Course(
      title: "a yes", messages: [(kim, home, 0, "/run fetch"), (kim, home, 120, "/yes 1")],
      step: "act run-job subject=fetch"),
    Course(
      title: "a halt, with its reason",
      messages: [(kim, home, 0, "/halt model drift"), (kim, home, 5, "/yes 1")],
      step: "act halt reason=model drift"),
    Course(
      title: "no reason to go on is asked",
      messages: [(kim, home, 0, "/resume"), (kim, home, 5, "/yes 1")],
      step: "act resume reason=by chat"),
    Course(
      title: "silence", messages: [(kim, home, 0, "/mute 2h"), (kim, home, 5, "/yes 1")],
      step: "act silence reason=by chat span=2h subject=all"),
    Course(
      title: "too late", messages: [(kim, home, 0, "/run fetch"), (kim, home, 121, "/yes 1")],
      step: "say nothing waits"),
    Course(
      title: "another person's",
      messages: [(kim, home, 0, "/run fetch"), (lee, home, 5, "/yes 1")],
      step: "say whoever asked"),
    Course(
      title: "another person's yes takes nothing away",
      messages: [
        (kim, home, 0, "/run fetch"), (lee, home, 5, "/yes 1"), (kim, home, 6, "/yes 1"),
      ], step: "act run-job"),
    Course(
      title: "in another chat", messages: [(kim, home, 0, "/run fetch"), (kim, "42", 5, "/yes 1")],
      step: "say nothing waits"),
    Course(
      title: "the number of an earlier question",
      messages: [(kim, home, 0, "/run a"), (kim, home, 1, "/run b"), (kim, home, 2, "/yes 1")],
      step: "say that was asked with another number"),
    Course(
      title: "the newest question",
      messages: [(kim, home, 0, "/run a"), (kim, home, 1, "/run b"), (kim, home, 2, "/yes 2")],
      step: "act run-job subject=b"),
    Course(
      title: "one try",
      messages: [(kim, home, 0, "/run a"), (kim, home, 1, "/yes 9"), (kim, home, 2, "/yes 1")],
      step: "say nothing waits"),
    Course(
      title: "once",
      messages: [(kim, home, 0, "/run a"), (kim, home, 1, "/yes 1"), (kim, home, 2, "/yes 1")],
      step: "say nothing waits"),
    Course(
      title: "left as it is",
      messages: [(kim, home, 0, "/run a"), (kim, home, 1, "/no"), (kim, home, 2, "/yes 1")],
      step: "say nothing waits"),
    Course(
      title: "a yes with more behind it",
      messages: [(kim, home, 0, "/run a"), (kim, home, 1, "/yes 1 b")], step: "say there is more"),
    // Real money: the account's name is part of the yes, of what may send orders.
    Course(
      title: "real money, asked", live: ["main"], messages: [(kim, home, 0, "/run a")],
      step: "say Run a now? This is real money: the account's name is part of the yes.\n"
        + "Within 2m: /yes 1 main"),
    Course(
      title: "real money, no name", live: ["main"],
      messages: [(kim, home, 0, "/run a"), (kim, home, 1, "/yes 1")], step: "say this is real money"
    ),
    Course(
      title: "real money, wrong name", live: ["main"],
      messages: [(kim, home, 0, "/resume"), (kim, home, 1, "/yes 1 mian")],
      step: "say this is real money"),
    Course(
      title: "real money, its name", live: ["main"],
      messages: [(kim, home, 0, "/resume"), (kim, home, 1, "/yes 1 main")],
      step: "act resume account=main reason=by chat"),
    Course(
      title: "a halt needs no name", live: ["main"],
      messages: [(kim, home, 0, "/halt x"), (kim, home, 1, "/yes 1")], step: "act halt reason=x"),
    // Who is not listened to, what came late, and what is too much.
    Course(title: "a stranger", messages: [(kim, "43", 0, "/status")], step: "strange"),
    Course(
      title: "a stranger's yes", messages: [(kim, home, 0, "/run a"), (kim, "43", 1, "/yes 1")],
      step: "strange"),
    Course(
      title: "just in time", messages: [(kim, home, -120, "/status")], step: "answer status"),
    Course(
      title: "late", messages: [(kim, home, -121, "/run a")], step: "say /run came 2m01s late"),
    Course(
      title: "twenty in a minute", messages: (0..<20).map { (kim, home, $0, "/status") },
      step: "answer status"),
    Course(
      title: "twenty-one in a minute", messages: (0..<21).map { (kim, home, $0, "/status") },
      step: "nothing"),
    Course(
      title: "twenty-one in more than a minute",
      messages: (0..<20).map { (kim, home, $0, "/status") } + [(kim, home, 60, "/status")],
      step: "answer status"),
    Course(
      title: "each chat has its own",
      messages: (0..<21).map { (kim, home, $0, "/status") } + [(kim, "42", 21, "/status")],
      step: "answer status"),
  ]

  @Test(arguments: courses)
  func aCourse(_ course: Course) {
    var desk = ChatDesk(Self.rules(live: course.live))
    var (number, last) = (0, "")
    for message in course.messages {
      let time = Self.noon + .seconds(message.second)
      // What came late arrives at noon.
      let step = desk.hear(
        Self.said(message.text, by: message.person, in: message.chat, at: time),
        now: max(time, Self.noon)
      ) {
        number += 1
        return "\(number)"
      }
      last = Self.words(step)
    }
    #expect(last.hasPrefix(course.step), "\(last)")
    #expect(course.step != "nothing" || last == "nothing")
  }

  /// Until its name is known, nothing that names a bot is ours.
  @Test func aBotWithoutAName() {
    var desk = ChatDesk(Self.rules())
    desk.rules.botName = nil
    #expect(desk.hear(Self.said("/status@OurBot"), now: Self.noon) { "1" } == .nothing)
    #expect(desk.hear(Self.said("/status"), now: Self.noon) { "1" } == .answer(.status))
  }
}

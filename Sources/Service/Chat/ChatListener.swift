import Cryptography
public import Domain
import Jobs
public import Logging
public import Net
import Notify
import Settings
public import Store
import Synchronization

/// Listens to what people write to a bot of Telegram, on a thread of its own: asks for what is new and waits
/// for it on the other side, so that an idle chat costs a request a minute.
///
/// How far it has heard is on record before anything is done: what was being done when the process ended is
/// not done again by the next, and its answer is lost. The person sees that there was none.
public final class ChatListener: Sendable {
  private let bot: TelegramBot
  private let channel: AlertChannel
  private let rules: ChatDesk.Rules
  private let readings: ServiceReadings
  private let store: Store
  private let transport: any HTTPTransport
  private let words: MessageWords
  private let time: any TimeSource
  private let log: Logger
  private let ring: @Sendable () -> Void
  private let worker: WorkerThread
  private let bell = Doorbell()
  private let isStopping = Atomic<Bool>(false)
  private let loop = Mutex<Task<Void, Never>?>(nil)
  private let question = Mutex<Task<HTTPResponse, any Error>?>(nil)

  /// So long a question waits on the other side.
  static let waiting = TimeSpan.seconds(50)
  /// So many failures in a row are told by the other channels.
  static let failuresOfADeadChat = 3
  /// An answer is tried so often.
  static let mostTries = 3
  /// The longest pause after failures.
  static let longestPause = TimeSpan.minutes(1)
  /// Of chats that are not listened to, each is told of once in so long.
  static let strangerInterval = TimeSpan.hours(1)
  /// So many strangers are told apart; beyond them nothing is told.
  static let mostStrangers = 100

  /// A listener that does nothing yet; nil where the channel is not listened to.
  ///
  /// - Parameters:
  ///   - readings: what answers are made from.
  ///   - ring: tells that something has happened that people may have to be told of.
  public init?(
    _ channel: AlertChannel, readings: ServiceReadings, _ store: Store,
    transport: any HTTPTransport, words: MessageWords, time: any TimeSource, log: Logger,
    ring: @escaping @Sendable () -> Void
  ) {
    guard let bot = channel.bot, channel.settings.commands != .none else { return nil }
    (self.bot, self.channel, self.readings, self.store) = (bot, channel, readings, store)
    (self.transport, self.words, self.time, self.log) = (transport, words, time, log)
    self.ring = ring
    rules = ChatDesk.Rules(
      chats: Set(channel.settings.chats), mayAct: channel.settings.commands == .act,
      liveAccounts: readings.liveAccounts)
    worker = WorkerThread(name: "from-\(channel.name)")
  }

  /// Begins.
  public func start() {
    loop.withLock { $0 = Task(executorPreference: worker) { await self.run() } }
  }

  /// Ends once what was asked for is done; what waits for the other side is given up.
  public func stop() async {
    isStopping.store(true, ordering: .sequentiallyConsistent)
    question.withLock { $0?.cancel() }
    bell.ring()
    await loop.withLock { $0 }?.value
    worker.stop()
  }

  private var isOver: Bool { isStopping.load(ordering: .sequentiallyConsistent) }

  private func run() async {
    var desk = ChatDesk(rules)
    var offset = heardOnRecord()
    var failures = 0
    var strangers: [String: TimeSpan] = [:]
    while !isOver {
      do {
        if desk.rules.botName == nil {
          desk.rules.botName = try bot.name(in: try await ask(bot.introduction))
        }
        let response = try await ask(bot.updates(from: offset, waiting: Self.waiting))
        let updates = try bot.updates(in: response)
        if failures >= Self.failuresOfADeadChat { tell(nil) }
        failures = 0
        for update in updates where offset.map({ update.id >= $0 }) ?? true {
          offset = update.id + 1
          note(heard: update.id + 1)
          guard let message = update.message else { continue }
          await take(message, &desk, &strangers)
        }
      } catch {
        guard !isOver else { return }
        failures += 1
        let fault = error as? Fault
        let cause = words.secrets.swept(fault?.cause ?? "the wait was cut short")
        log.warning("channel \(channel.name) cannot be listened to (try \(failures)): \(cause)")
        if failures == Self.failuresOfADeadChat { tell(cause, fault?.remedy) }
        let pause = min(.seconds(1 << Int64(min(failures, 6))), Self.longestPause)
        await bell.wait(for: max(pause, fault?.retryAfter ?? .zero), time)
      }
    }
  }

  /// Sends a request that a stop may cut short.
  private func ask(_ request: HTTPRequest) async throws -> HTTPResponse {
    let task = Task { [transport] in try await transport.send(request) }
    question.withLock { $0 = task }
    // A stop that came before the task was there to be cancelled.
    if isOver { task.cancel() }
    return try await task.value
  }

  private func take(
    _ message: ChatMessage, _ desk: inout ChatDesk, _ strangers: inout [String: TimeSpan]
  ) async {
    switch desk.hear(message, now: time.now, code: Self.code) {
    case .nothing: return
    case .strange:
      strangers = strangers.filter { time.uptime - $0.value < Self.strangerInterval }
      guard strangers[message.chat] == nil, strangers.count < Self.mostStrangers else { return }
      strangers[message.chat] = time.uptime
      log.warning("channel \(channel.name): \(message.who) is not listened to")
    case .say(let text): await say(text, to: message.chat)
    case .answer(let question):
      do {
        await say(
          try await readings.page { try ChatAnswers.text(question, $0) }, to: message.chat)
      } catch {
        await say(Self.words(error), to: message.chat)
      }
    case .act(let deed):
      log.notice("channel \(channel.name): \(message.who): \(deed.verb)")
      do {
        let answer = try await DashboardActions(readings: readings, way: .telegram)
          .perform(deed.verb, deed.fields, by: message.who)
        ring()
        await say(answer?.text ?? "there is no such job", to: message.chat)
      } catch {
        await say(Self.words(error), to: message.chat)
      }
    }
  }

  private static func words(_ error: any Error) -> String {
    guard let fault = error as? Fault else { return "it failed: \(error)" }
    return "\(fault)" + (fault.remedy.map { "\nnext: \($0)" } ?? "")
  }

  /// Four digits.
  private static func code() -> String {
    let bytes = RandomBytes.make(4)
    let number = bytes.reduce(0) { ($0 << 8) | Int($1) } % 10_000
    return String("\(10_000 + number)".dropFirst())
  }

  /// Says something, without secrets and control characters; what cannot be said now is worth nothing later.
  private func say(_ text: String, to chat: String) async {
    let lines = text.split(separator: "\n", omittingEmptySubsequences: false)
      .map { Alert.line(words.secrets.swept(String($0))) }
    let request = bot.message(lines.joined(separator: "\n"), to: chat)
    for attempt in 1...Self.mostTries where !isOver || attempt == 1 {
      var verdict = ChannelVerdict.failed("it was cut short", retryAfter: nil)
      do {
        verdict = WebTemplate.telegram.verdict(try await transport.send(request))
      } catch let fault as Fault {
        verdict = .failed(words.secrets.swept(fault.cause), retryAfter: nil)
      } catch {}
      switch verdict {
      case .taken: return
      case .refused(let cause):
        return log.warning("channel \(channel.name) does not take an answer: \(cause)")
      case .failed(let cause, let asked):
        log.warning("channel \(channel.name) does not take an answer (try \(attempt)): \(cause)")
        guard attempt < Self.mostTries else { return }
        await bell.wait(for: min(asked ?? .seconds(1), Self.longestPause), time)
      }
    }
  }

  /// Up to which update was heard; nil where it never listened.
  private func heardOnRecord() -> Int64? {
    do {
      let text = try store.read { try $0.service.fact(.chatOffsets)?.text }
      return try text.flatMap { try JSONValue.parse(Array($0.utf8))[bot.number]?.int64 }
    } catch {
      log.warning("channel \(channel.name): what was heard is not known: \(error)")
      return nil
    }
  }

  /// Puts on record how far was heard. While nothing can be recorded it goes on: after a restart an old
  /// message may come again, but then no yes to it counts.
  private func note(heard offset: Int64) {
    do {
      try store.write(at: time.now) { [bot] transaction in
        let text = try transaction.service.fact(.chatOffsets)?.text
        var members = try text.flatMap { try JSONValue.parse(Array($0.utf8)).object } ?? []
        members.removeAll { $0.key == bot.number }
        members.append(.init(bot.number, .number(offset)))
        try transaction.service.tell(.chatOffsets, JSONValue.object(members).text())
      }
    } catch {
      log.warning("channel \(channel.name): what was heard is not on record: \(error)")
    }
  }

  /// Tells the other channels that this one is not heard, or is heard again.
  private func tell(_ cause: String?, _ remedy: String? = nil) {
    let subject = "\(channel.name) (commands)"
    do {
      try store.write(at: time.now) { transaction in
        if let cause {
          try transaction.alerts.raise(
            Alert(
              .channel, of: subject, "commands of channel \(channel.name) are not heard: \(cause)",
              remedy: remedy ?? "see the service's log; carillon notify test \(channel.name)"))
        } else {
          try transaction.alerts.settle(
            .channel, subject, saying: "channel \(subject) is listened to again")
        }
      }
      ring()
    } catch {
      log.debug("channel \(channel.name): \(error)")
    }
  }
}

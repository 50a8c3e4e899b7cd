import Glibc
import NIOCore
import Synchronization

/// Keeps room for whoever asks: connections that ask nothing, or a byte at a time, never keep a probe
/// waiting. When all places are taken, the one that has gone longest without a request gives way; and
/// none stays that does not ask in time.
final class ConnectionCrowd: Sendable {
  /// A connection must have asked something whole so many seconds after it was opened.
  static let requestTimeoutSeconds: Int64 = 10
  /// And again so many after an answer.
  static let idleTimeoutSeconds: Int64 = 30
  /// Connections at once, where the limit of open files allows it.
  static let maximumConnections = 256
  /// Descriptors that are left to the database, its readers, jobs and their programs.
  static let reservedDescriptors = 64
  static let minimumConnections = 8

  private struct Member {
    var channel: any Channel
    var since: NIODeadline
    var isAsking = false
  }

  /// How many may be open at once.
  let limit: Int
  private let members = Mutex<[ObjectIdentifier: Member]>([:])

  /// A crowd of so many at most.
  init(limit: Int) { self.limit = limit }

  /// The places under a limit of open files.
  static func places(openFiles: Int) -> Int {
    min(maximumConnections, max(minimumConnections, (openFiles - reservedDescriptors) / 2))
  }

  /// The limit of open files of this process.
  static var openFiles: Int {
    var limit = rlimit()
    guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0 else { return 1024 }
    return Int(clamping: limit.rlim_cur)
  }

  /// How many are open.
  var count: Int { members.withLock(\.count) }

  /// The handler of a connection that is being opened.
  func handler() -> any RemovableChannelHandler { Seat(self) }

  fileprivate func join(_ channel: any Channel, at now: NIODeadline) {
    let leaving = members.withLock { members -> (any Channel)? in
      members[ObjectIdentifier(channel)] = Member(channel: channel, since: now)
      guard members.count > limit else { return nil }
      // Who waits for an answer goes last, and the newcomer not at all.
      let order = members.filter { $0.key != ObjectIdentifier(channel) }.min {
        ($0.value.isAsking ? 1 : 0, $0.value.since) < ($1.value.isAsking ? 1 : 0, $1.value.since)
      }
      return order.flatMap { members.removeValue(forKey: $0.key)?.channel }
    }
    leaving?.close(promise: nil)
  }

  fileprivate func leave(_ channel: any Channel) {
    members.withLock { $0[ObjectIdentifier(channel)] = nil }
  }

  fileprivate func note(_ channel: any Channel, isAsking: Bool, at now: NIODeadline) {
    members.withLock {
      $0[ObjectIdentifier(channel)]?.isAsking = isAsking
      $0[ObjectIdentifier(channel)]?.since = now
    }
  }
}

/// Watches one connection, behind the decoder: what arrives here is whole.
private final class Seat: ChannelDuplexHandler, RemovableChannelHandler {
  typealias InboundIn = NIOAny
  typealias OutboundIn = NIOAny

  private let crowd: ConnectionCrowd
  private var timer: Scheduled<Void>?

  init(_ crowd: ConnectionCrowd) { self.crowd = crowd }

  func handlerAdded(context: ChannelHandlerContext) {
    crowd.join(context.channel, at: .now())
    wait(ConnectionCrowd.requestTimeoutSeconds, context)
  }

  func handlerRemoved(context: ChannelHandlerContext) {
    timer?.cancel()
    crowd.leave(context.channel)
  }

  func channelInactive(context: ChannelHandlerContext) {
    timer?.cancel()
    crowd.leave(context.channel)
    context.fireChannelInactive()
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    timer?.cancel()
    crowd.note(context.channel, isAsking: true, at: .now())
    context.fireChannelRead(data)
  }

  func flush(context: ChannelHandlerContext) {
    crowd.note(context.channel, isAsking: false, at: .now())
    wait(ConnectionCrowd.idleTimeoutSeconds, context)
    context.flush()
  }

  private func wait(_ seconds: Int64, _ context: ChannelHandlerContext) {
    timer?.cancel()
    let channel = context.channel
    timer = context.eventLoop.scheduleTask(in: .seconds(seconds)) { channel.close(promise: nil) }
  }
}

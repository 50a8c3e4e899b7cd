import CCurl
import Domain
import Glibc
import Synchronization

/// The thread of a `CurlTransport` and what it shares with the tasks that send.
///
/// `multi`, `active` and `idleHandles` belong to the thread alone; `state` is shared.
final class CurlLoop: @unchecked Sendable {
  private struct State {
    /// Orders go first.
    var orders: [CurlTransfer] = []
    var data: [CurlTransfer] = []
    /// Transfers that were submitted and have not ended, queued ones included.
    var pending: [RateBudget.Urgency: Int] = [:]

    /// The earliest uptime by which a transfer in a queue must have ended.
    var earliestDeadline: TimeSpan? { (orders + data).map(\.deadline).min() }

    mutating func drop(where isDropped: (CurlTransfer) -> Bool) -> [CurlTransfer] {
      let dropped = orders.filter(isDropped) + data.filter(isDropped)
      if !dropped.isEmpty {
        orders.removeAll(where: isDropped)
        data.removeAll(where: isDropped)
      }
      return dropped
    }
    var cancelled: Set<UInt64> = []
    var isStopping = false
    /// After this the multi handle is gone and must not be woken.
    var isStopped = false
  }

  /// So many transfers of orders find room although all places are taken by data.
  private static let orderTransfers = 8
  private let time = SystemTime()

  /// How long the thread sleeps when nothing happens; it is woken when something does.
  private static let idleMilliseconds: Int32 = 60_000

  private let state = Mutex(State())
  private let options: CurlTransfer.Options
  private let limits: CurlTransport.Limits
  private let multi: UnsafeMutableRawPointer
  private var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  private var idleHandles: [UnsafeMutableRawPointer] = []

  init(
    userAgent: String, proxy: String?, caFile: String?, limits: CurlTransport.Limits
  ) throws {
    guard Self.isInitialised, let multi = curl_multi_init() else {
      throw Fault(
        "start", "libcurl", cause: "its initialisation failed", exit: .unavailable)
    }
    self.multi = multi
    self.limits = limits
    options = CurlTransfer.Options(userAgent: userAgent, proxy: proxy, caFile: caFile)
    _ = carillon_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limits.maximumTransfers)
  }

  private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  // Called by the tasks that send.

  func submit(_ transfer: CurlTransfer) {
    let urgency = transfer.request.urgency
    let refusal: (any Error, CurlTransfer.End.Stage)? = state.withLock { state in
      if state.cancelled.contains(transfer.id) { return (CancellationError(), .notSent) }
      if state.isStopping { return (transfer.fault(cause: "the client was shut down"), .notSent) }
      let pending = state.pending[urgency] ?? 0
      guard pending < limits.maximumTransfers + limits.maximumQueued else {
        let fault = transfer.fault(
          cause: "\(pending) requests are under way or waiting already",
          remedy: "ask for less at once", exit: .tryAgain)
        return (fault, .refused)
      }
      state.pending[urgency] = pending + 1
      if urgency == .order { state.orders.append(transfer) } else { state.data.append(transfer) }
      curl_multi_wakeup(multi)
      return nil
    }
    if let (error, stage) = refusal { transfer.finish(.failure(error), stage) }
  }

  func cancel(_ id: UInt64) {
    state.withLock { state in
      state.cancelled.insert(id)
      if !state.isStopped { curl_multi_wakeup(multi) }
    }
  }

  func forget(_ id: UInt64) { state.withLock { _ = $0.cancelled.remove(id) } }

  func stop() {
    state.withLock { state in
      state.isStopping = true
      if !state.isStopped { curl_multi_wakeup(multi) }
    }
  }

  // The thread.

  func run() {
    // Signals are for the other threads; and OpenSSL's writes may raise SIGPIPE, from which libcurl
    // does not shield those who set NOSIGNAL.
    var signals = sigset_t()
    sigfillset(&signals)
    pthread_sigmask(SIG_BLOCK, &signals, nil)

    while !takeUp() {
      var running: Int32 = 0
      curl_multi_perform(multi, &running)
      finishDone()
      curl_multi_poll(multi, nil, 0, pause, nil)
    }
    end()
  }

  /// How long to sleep at most: until a transfer in a queue has waited too long.
  private var pause: Int32 {
    let deadline = state.withLock { state in
      let hasWork =
        room(for: .order) > 0 && !state.orders.isEmpty
        || room(for: .data) > 0 && !state.data.isEmpty
      return hasWork ? TimeSpan.zero : state.earliestDeadline
    }
    guard let deadline else { return Self.idleMilliseconds }
    let left = (deadline - time.uptime).milliseconds
    return Int32(clamping: min(max(left, 0), Int64(Self.idleMilliseconds)))
  }

  private func room(for urgency: RateBudget.Urgency) -> Int {
    let most = limits.maximumTransfers + (urgency == .order ? Self.orderTransfers : 0)
    return max(most - active.count, 0)
  }

  /// Aborts what was cancelled and starts what there is room for; true when it is time to end.
  private func takeUp() -> Bool {
    let now = time.uptime
    let (started, cancelled, dropped, late, isStopping) = state.withLock { state in
      let cancelled = state.cancelled
      let dropped = cancelled.isEmpty ? [] : state.drop { cancelled.contains($0.id) }
      let late = state.drop { $0.deadline <= now }
      let orders = Array(state.orders.prefix(room(for: .order)))
      state.orders.removeFirst(orders.count)
      let data = Array(state.data.prefix(max(room(for: .data) - orders.count, 0)))
      state.data.removeFirst(data.count)
      return (orders + data, cancelled, dropped, late, state.isStopping)
    }
    for transfer in dropped { settle(transfer, .failure(CancellationError()), .notSent) }
    for transfer in late { settle(transfer, .failure(transfer.tooLate), .notSent) }
    if !cancelled.isEmpty {
      for (handle, transfer) in active where cancelled.contains(transfer.id) {
        let stage = CurlTransfer.stage(of: handle)
        release(handle)
        settle(transfer, .failure(CancellationError()), stage)
      }
    }
    for transfer in started { start(transfer) }
    return isStopping
  }

  private func start(_ transfer: CurlTransfer) {
    guard let handle = idleHandles.popLast() ?? curl_easy_init() else {
      let fault = transfer.fault(cause: "libcurl has no memory", exit: .internal)
      settle(transfer, .failure(fault), .notSent)
      return
    }
    let code = transfer.prepare(handle, options, now: time.uptime)
    guard code == CURLE_OK, curl_multi_add_handle(multi, handle) == CURLM_OK else {
      transfer.releaseHeaders()
      curl_easy_cleanup(handle)
      let fault = transfer.fault(for: code == CURLE_OK ? CURLE_FAILED_INIT : code)
      settle(transfer, .failure(fault), .refused)
      return
    }
    active[handle] = transfer
  }

  private func finishDone() {
    var left: Int32 = 0
    while let message = curl_multi_info_read(multi, &left) {
      guard message.pointee.msg == CURLMSG_DONE, let handle = message.pointee.easy_handle,
        let transfer = active[handle]
      else { continue }
      let result = transfer.result(of: handle, code: carillon_curl_message_result(message))
      let stage = CurlTransfer.stage(of: handle)
      release(handle)
      settle(transfer, result, stage)
    }
  }

  /// Takes a handle out of the multi and keeps it for the next transfer.
  private func release(_ handle: UnsafeMutableRawPointer) {
    curl_multi_remove_handle(multi, handle)
    active.removeValue(forKey: handle)?.releaseHeaders()
    curl_easy_reset(handle)
    if idleHandles.count < limits.maximumTransfers {
      idleHandles.append(handle)
    } else {
      curl_easy_cleanup(handle)
    }
  }

  private func settle(
    _ transfer: CurlTransfer, _ result: Result<HTTPResponse, any Error>,
    _ stage: CurlTransfer.End.Stage
  ) {
    state.withLock { $0.pending[transfer.request.urgency, default: 1] -= 1 }
    transfer.finish(result, stage)
  }

  private func end() {
    let queued = state.withLock { state in
      state.isStopped = true
      return state.drop { _ in true }
    }
    for (handle, transfer) in active {
      let stage = CurlTransfer.stage(of: handle)
      release(handle)
      settle(transfer, .failure(transfer.fault(cause: "the client was shut down")), stage)
    }
    for transfer in queued {
      settle(transfer, .failure(transfer.fault(cause: "the client was shut down")), .notSent)
    }
    for handle in idleHandles { curl_easy_cleanup(handle) }
    curl_multi_cleanup(multi)
  }
}

import CCurl
import Domain
import Glibc
import Synchronization

/// The thread of a `CurlTransport` and what it shares with the tasks that send.
///
/// `multi`, `active` and `idleHandles` belong to the thread alone; `state` is shared.
final class CurlLoop: @unchecked Sendable {
  private struct State {
    var queue: [CurlTransfer] = []
    /// Transfers that were submitted and have not ended, queued ones included.
    var pending = 0
    var cancelled: Set<UInt64> = []
    var isStopping = false
    /// After this the multi handle is gone and must not be woken.
    var isStopped = false
  }

  /// How long the thread sleeps when nothing happens; it is woken when something does.
  private static let idleMilliseconds: Int32 = 60_000

  private let state = Mutex(State())
  private let options: CurlTransfer.Options
  private let limits: CurlTransport.Limits
  private let multi: UnsafeMutableRawPointer
  private var active: [UnsafeMutableRawPointer: CurlTransfer] = [:]
  private var idleHandles: [UnsafeMutableRawPointer] = []

  init(userAgent: String, proxy: String?, limits: CurlTransport.Limits) throws {
    guard Self.isInitialised, let multi = curl_multi_init() else {
      throw Fault(
        "start", "libcurl", cause: "its initialisation failed", exit: .unavailable)
    }
    self.multi = multi
    self.limits = limits
    options = CurlTransfer.Options(userAgent: userAgent, proxy: proxy)
    _ = carillon_curl_multi_set_long(multi, CURLMOPT_MAXCONNECTS, limits.maximumTransfers)
  }

  private static let isInitialised = curl_global_init(Int(CURL_GLOBAL_DEFAULT)) == CURLE_OK

  // Called by the tasks that send.

  func submit(_ transfer: CurlTransfer) {
    let refusal: (any Error)? = state.withLock { state in
      if state.cancelled.contains(transfer.id) { return CancellationError() }
      if state.isStopping { return transfer.fault(cause: "the client was shut down") }
      guard state.pending < limits.maximumTransfers + limits.maximumQueued else {
        return transfer.fault(
          cause: "\(state.pending) requests are under way or waiting already",
          remedy: "ask for less at once", exit: .tryAgain)
      }
      state.pending += 1
      state.queue.append(transfer)
      curl_multi_wakeup(multi)
      return nil
    }
    if let refusal { transfer.finish(throwing: refusal) }
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
      curl_multi_poll(multi, nil, 0, hasRoomAndWork ? 0 : Self.idleMilliseconds, nil)
    }
    end()
  }

  private var hasRoomAndWork: Bool {
    active.count < limits.maximumTransfers && state.withLock { !$0.queue.isEmpty }
  }

  /// Aborts what was cancelled and starts what there is room for; true when it is time to end.
  private func takeUp() -> Bool {
    let room = limits.maximumTransfers - active.count
    let (started, cancelled, dropped, isStopping) = state.withLock { state in
      let cancelled = state.cancelled
      let dropped = state.queue.filter { cancelled.contains($0.id) }
      if !dropped.isEmpty { state.queue.removeAll { cancelled.contains($0.id) } }
      let started = Array(state.queue.prefix(room))
      state.queue.removeFirst(started.count)
      return (started, cancelled, dropped, state.isStopping)
    }
    for transfer in dropped { settle(transfer, .failure(CancellationError())) }
    if !cancelled.isEmpty {
      for (handle, transfer) in active where cancelled.contains(transfer.id) {
        release(handle)
        settle(transfer, .failure(CancellationError()))
      }
    }
    for transfer in started { start(transfer) }
    return isStopping
  }

  private func start(_ transfer: CurlTransfer) {
    guard let handle = idleHandles.popLast() ?? curl_easy_init() else {
      settle(transfer, .failure(transfer.fault(cause: "libcurl has no memory", exit: .internal)))
      return
    }
    let code = transfer.prepare(handle, options)
    guard code == CURLE_OK, curl_multi_add_handle(multi, handle) == CURLM_OK else {
      transfer.releaseHeaders()
      curl_easy_cleanup(handle)
      settle(transfer, .failure(transfer.fault(for: code == CURLE_OK ? CURLE_FAILED_INIT : code)))
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
      release(handle)
      settle(transfer, result)
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

  private func settle(_ transfer: CurlTransfer, _ result: Result<HTTPResponse, any Error>) {
    state.withLock { $0.pending -= 1 }
    transfer.finish(result)
  }

  private func end() {
    let queued = state.withLock { state in
      state.isStopped = true
      defer { state.queue = [] }
      return state.queue
    }
    for (handle, transfer) in active {
      release(handle)
      settle(transfer, .failure(transfer.fault(cause: "the client was shut down")))
    }
    for transfer in queued {
      settle(transfer, .failure(transfer.fault(cause: "the client was shut down")))
    }
    for handle in idleHandles { curl_easy_cleanup(handle) }
    curl_multi_cleanup(multi)
  }
}

import Dashboard
import Domain
import Hummingbird
import HummingbirdCore
import Synchronization

/// The pages that somebody has open: each is made anew when something was committed, once for all who are shown the
/// same, on the thread where pages are made; and not at all when nobody listens.
final class LivePages: Sendable {
  /// How often it is looked whether something was committed.
  static let glance = TimeSpan.seconds(1)
  /// Listeners hear something so often also when nothing happened.
  static let glancesPerWord = 15
  /// Pages are made anew so often also when nothing was committed: times pass.
  static let refresh = TimeSpan.seconds(60)
  /// So many different pages at once; whoever has another one open asks for it.
  static let maximumPages = 128

  private struct Watched {
    var listeners = 0
    var page: LivePage?
    /// When it was last tried, by the number of tries.
    var tried = 0
  }

  private struct State {
    var pages: [LivePage.Key: Watched] = [:]
    var listeners: [Int: AsyncStream<Void>.Continuation] = [:]
    var next = 0
    var made = 0
    var isLooking = false
    var commits = 0
    /// Why pages cannot be made just now.
    var trouble: Fault?
  }

  private let readings: ServiceReadings
  private let state = Mutex(State())
  private let budget = Mutex(RenderBudget())

  init(_ readings: ServiceReadings) { self.readings = readings }

  /// Who hears that something may be new.
  final class Listener: Sendable {
    /// Ends when the service drains.
    let signals: AsyncStream<Void>
    fileprivate let leave: @Sendable () -> Void

    fileprivate init(_ signals: AsyncStream<Void>, _ leave: @escaping @Sendable () -> Void) {
      (self.signals, self.leave) = (signals, leave)
    }

    deinit { leave() }
  }

  /// Listens to pages until the listener is let go.
  func listen(to keys: [LivePage.Key], from commits: Int) -> Listener {
    let (signals, continuation) = AsyncStream.makeStream(
      of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let (number, taken, begins) = state.withLock { state in
      state.next += 1
      state.listeners[state.next] = continuation
      var taken: [LivePage.Key] = []
      for key in Set(keys)
      where state.pages[key] != nil || state.pages.count < Self.maximumPages {
        state.pages[key, default: Watched()].listeners += 1
        taken.append(key)
      }
      let begins = !state.isLooking
      state.isLooking = true
      state.commits = max(state.commits, commits)
      return (state.next, taken, begins)
    }
    if begins { Task.detached { [self] in await look() } }
    return Listener(signals) { [weak self] in self?.leave(number, taken) }
  }

  /// The newest of a page; nil where there is none yet.
  func newest(_ key: LivePage.Key) -> LivePage? { state.withLock { $0.pages[key]?.page } }

  /// The newest commit that was seen.
  var commits: Int { state.withLock(\.commits) }

  /// Why pages cannot be made just now; nil when they can.
  var trouble: Fault? { state.withLock(\.trouble) }

  /// How many pages are kept.
  var count: Int { state.withLock(\.pages.count) }

  private func leave(_ number: Int, _ keys: [LivePage.Key]) {
    state.withLock { state in
      state.listeners.removeValue(forKey: number)?.finish()
      for key in keys {
        state.pages[key]?.listeners -= 1
        if state.pages[key]?.listeners == 0 { state.pages[key] = nil }
      }
    }
  }

  /// Looks until nobody listens.
  private func look() async {
    var quiet = 0
    while let listeners = state.withLock({ state in
      if state.listeners.isEmpty { state.isLooking = false }
      return state.listeners.isEmpty ? nil : Array(state.listeners.values)
    }) {
      if readings.isEnding {
        for listener in listeners { listener.finish() }
      }
      quiet += 1
      if await lookOnce() || quiet >= Self.glancesPerWord {
        quiet = 0
        for listener in state.withLock({ Array($0.listeners.values) }) { listener.yield() }
      }
      do { try await readings.sleep(Self.glance) } catch { return }  // nobody cancels it
    }
  }

  /// Makes what is to be made. Returns whether there is anything new.
  private func lookOnce() async -> Bool {
    do {
      let commits = try await readings.commits()
      let uptime = readings.uptime
      let (isNews, due) = state.withLock { state in
        let isNews = state.commits != commits || state.trouble != nil
        (state.commits, state.trouble) = (commits, nil)
        let due = state.pages.filter { _, watched in
          guard let page = watched.page else { return true }
          return page.commits != commits || uptime - page.made >= Self.refresh
        }
        // Who waits for longest is first.
        return (
          isNews,
          due.sorted { $0.value.tried < $1.value.tried }.map(\.key)
        )
      }
      var made = 0
      for key in due where !readings.isEnding {
        guard budget.withLock({ $0.allows(uptime: readings.uptime) }) else { break }
        do {
          try await make(key, commits)
        } catch let fault as Fault {
          // One that cannot be made holds up no other.
          state.withLock { $0.trouble = fault }
        }
        made += 1
      }
      return isNews || made > 0
    } catch let fault as Fault {
      return state.withLock { state in
        defer { state.trouble = fault }
        return state.trouble == nil
      }
    } catch {
      return false  // nobody cancels it
    }
  }

  private func make(_ key: LivePage.Key, _ commits: Int) async throws {
    let uri = URI(key.address)
    guard let (route, subject) = PageRoute.find(uri.path[...], hasHalt: !readings.isObserver),
      let zone = PageQuery.zone(key.zone)
    else { return }
    var query = PageQuery(uri, subject: subject, zone: zone)
    // Whose it is does not matter: forms bear a mark where each session's secret is put.
    if key.mayAct {
      query.session = Sessions.Session(user: "", mayAct: true, form: "", ends: .zero)
    }
    let (last, number) = state.withLock { state in
      state.made += 1
      state.pages[key]?.tried = state.made
      return (state.pages[key]?.page, state.made)
    }
    let page = try await readings.page { [self, query] source in
      let begun = readings.uptime
      defer { budget.withLock { $0.spend(readings.uptime - begun) } }
      return LivePage(
        try route.page(source, query), after: last, commits: commits, made: begun, number: number)
    }
    state.withLock { $0.pages[key]?.page = page }
  }
}

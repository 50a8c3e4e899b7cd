import Domain

/// What is known of the end of the service that ran before: what its heartbeat left behind.
struct EarlierEnd {
  /// When its loop last turned; nil when there was none.
  var lastTurn: Instant?
  /// What it said of its storage.
  var storage: StorageNote?
  /// When this machine started.
  var booted: Instant

  /// Reads the heartbeat, before this process beats.
  init(heartbeat: Heartbeat, time: some TimeSource) {
    (lastTurn, storage) = (heartbeat.last, heartbeat.note)
    booted = time.now - time.uptime
  }

  /// Facts of these parts.
  init(lastTurn: Instant?, storage: StorageNote? = nil, booted: Instant) {
    (self.lastTurn, self.storage, self.booted) = (lastTurn, storage, booted)
  }

  /// What is told of a start.
  ///
  /// - Parameter wasStopped: whether the service before told of its stop.
  func alert(version: String, wasStopped: Bool, now: Instant) -> Alert {
    guard !wasStopped else {
      return Alert(.serviceStarted, "Carillon \(version) has started")
    }
    let downtime = lastTurn.map { last in
      last < now ? "it was down for \((now - last).rounded), since \(last)" : "last seen \(last)"
    }
    return Alert(
      .serviceCrashed,
      "Carillon \(version) has started again after an end without a word; \(cause)"
        + (downtime.map { "; \($0)" } ?? ""),
      remedy:
        "see the end of its log before this start: docker compose logs, journalctl -u carillon")
  }

  private var cause: String {
    if let storage { return "its database refused: \(storage.words)" }
    if let lastTurn, lastTurn < booted { return "this machine has been restarted at \(booted)" }
    return "it was killed, or its watchdog ended it"
  }
}

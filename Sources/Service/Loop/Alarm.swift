import CLinux
import Disk
import Domain
import Glibc

/// What the daemon's loop sleeps on: the next due time, a wake from another thread, a signal, or a
/// change in the folder of the schedules file.
///
/// The due time is an absolute timer on the wall clock, which the kernel cancels when the clock is
/// set and fires at once after a suspend; beside it no sleep is longer than `longestSleepSeconds`,
/// since not every clock (a container's, a test's) tells of its changes.
final class Alarm: @unchecked Sendable {
  // Safe: the descriptors never change; the kernel serialises reads and writes of them.

  /// The longest sleep, so that a missed notification costs this much at most.
  static let longestSleepSeconds: Int64 = 30

  private let timer: Int32
  private let event: Int32
  private let signals: Int32
  private let watch: Int32
  /// The names that count, by the watch of their folder.
  private let files: [Int32: Set<String>]

  /// What ended a sleep.
  struct Wake {
    /// The signals that came, in order.
    var signals: [Int32] = []
    /// Whether a watched file may have changed.
    var fileChanged = false
    /// Whether the wall clock was set.
    var clockWasSet = false
  }

  /// Sleeps on these signals' descriptor, watching files in their folders.
  init(signals: Int32, files paths: [String]) {
    timer = timerfd_create(
      Int32(CLOCK_REALTIME), Int32(TFD_CLOEXEC | TFD_NONBLOCK))
    event = eventfd(0, Int32(EFD_CLOEXEC | EFD_NONBLOCK))
    watch = inotify_init1(Int32(IN_CLOEXEC | IN_NONBLOCK))
    precondition(timer >= 0 && event >= 0, "cannot create a timer: errno \(errno)")
    self.signals = signals
    var files: [Int32: Set<String>] = [:]
    for path in paths where watch >= 0 {
      // Editors and mounts replace files, so the folder is watched and not the file. A folder that
      // cannot be watched is noticed by the longest sleep. Two files of one folder have one watch.
      let descriptor = inotify_add_watch(
        watch, FilePath.folder(of: path),
        UInt32(IN_CLOSE_WRITE | IN_MOVED_TO | IN_CREATE | IN_DELETE | IN_MOVED_FROM))
      if descriptor >= 0 { files[descriptor, default: []].insert(FilePath.name(of: path)) }
    }
    self.files = files
  }

  deinit {
    close(timer)
    close(event)
    if watch >= 0 { close(watch) }
  }

  /// Ends the present or the next sleep; callable from every thread.
  func ring() {
    var one: UInt64 = 1
    _ = write(event, &one, 8)
  }

  /// Sleeps until an instant, or until something happens, 30 s at most. Changes of other files in the
  /// watched folder end no sleep.
  func sleep(until due: Instant?, limit: TimeSpan = .seconds(Alarm.longestSleepSeconds)) -> Wake {
    let clock = SystemTime()
    let end = clock.uptime + limit
    while true {
      let (wake, isForeign) = doze(until: due, limit: end - clock.uptime)
      if !isForeign { return wake }
    }
  }

  private func doze(until due: Instant?, limit: TimeSpan) -> (Wake, isForeign: Bool) {
    var setting = itimerspec()
    if let due {
      // Zero would disarm the timer: a due time in the past becomes the first nanosecond.
      let milliseconds = max(due.milliseconds, 0)
      setting.it_value.tv_sec = Int(milliseconds / 1000)
      setting.it_value.tv_nsec = milliseconds == 0 ? 1 : Int(milliseconds % 1000) * 1_000_000
    }
    let flags = Int32(TFD_TIMER_ABSTIME | TFD_TIMER_CANCEL_ON_SET)
    timerfd_settime(timer, flags, &setting, nil)
    var polled = [timer, event, signals, watch].map {
      pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
    }
    _ = poll(&polled, UInt(polled.count), Int32(clamping: max(0, limit.milliseconds)))
    // Judged by what is read here and not by what `poll` saw: a signal or a ring may have come since,
    // and what is read is gone.
    var wake = Wake()
    var count: UInt64 = 0
    let isDue = read(timer, &count, 8) > 0
    if !isDue, errno == ECANCELED { wake.clockWasSet = true }
    let isRung = read(event, &count, 8) > 0
    wake.signals = Signals.pending(signals)
    if watch >= 0 { wake.fileChanged = drainWatch() }
    let isOurs = isDue || wake.clockWasSet || isRung || !wake.signals.isEmpty || wake.fileChanged
    return (wake, isForeign: !isOurs && polled[3].revents != 0)
  }

  /// Reads all notifications, and tells whether one was of a watched file. A folder holds others too,
  /// the database among them, whose own writes must not wake the loop for nothing.
  private func drainWatch() -> Bool {
    var buffer = [UInt8](repeating: 0, count: 4096)
    var changed = false
    while true {
      let count = read(watch, &buffer, buffer.count)
      guard count > 0 else { return changed }
      buffer.withUnsafeBytes { bytes in
        var offset = 0
        let header = MemoryLayout<inotify_event>.size
        while offset + header <= count {
          let event = bytes.loadUnaligned(fromByteOffset: offset, as: inotify_event.self)
          let name = bytes[(offset + header)..<min(count, offset + header + Int(event.len))]
          let file = String(decoding: name.prefix { $0 != 0 }, as: UTF8.self)
          if files[event.wd]?.contains(file) == true { changed = true }
          offset += header + Int(event.len)
        }
      }
    }
  }
}

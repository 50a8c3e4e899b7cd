import Domain
import Glibc

/// The seat of the one thread of this process that writes to a database.
///
/// Whoever comes with patience waits for it as long as it takes. Whoever has none waits so long at
/// most, and is seated before all that have patience, so that a crowd of writers cannot hold it up
/// for longer than the one of them that has the seat.
final class WriterSeat: @unchecked Sendable {
  // Safe: `isTaken`, `patient` and `hurried` are touched only with `lock` held.
  private var isTaken = false
  private var patient = 0
  private var hurried = 0
  private let lock = UnsafeMutablePointer<pthread_mutex_t>.allocate(capacity: 1)
  private let freed = UnsafeMutablePointer<pthread_cond_t>.allocate(capacity: 1)

  init() {
    pthread_mutex_init(lock, nil)
    var attributes = pthread_condattr_t()
    pthread_condattr_init(&attributes)
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC)
    pthread_cond_init(freed, &attributes)
    pthread_condattr_destroy(&attributes)
  }

  deinit {
    pthread_cond_destroy(freed)
    pthread_mutex_destroy(lock)
    freed.deallocate()
    lock.deallocate()
  }

  /// Takes the seat, however long that takes.
  func take() {
    pthread_mutex_lock(lock)
    patient += 1
    while isTaken || hurried > 0 { pthread_cond_wait(freed, lock) }
    patient -= 1
    isTaken = true
    pthread_mutex_unlock(lock)
  }

  /// Takes the seat within a span. Returns what is left of it; nil when the seat was not to be had.
  func take(within span: TimeSpan) -> TimeSpan? {
    let start = SystemTime.monotonicMilliseconds
    var end = timespec()
    (end.tv_sec, end.tv_nsec) = (
      Int((start + span.milliseconds) / 1000),
      Int((start + span.milliseconds) % 1000) * 1_000_000
    )
    pthread_mutex_lock(lock)
    hurried += 1
    var code: Int32 = 0
    while isTaken, code == 0 { code = pthread_cond_timedwait(freed, lock, &end) }
    hurried -= 1
    let isMine = !isTaken
    if isMine { isTaken = true } else if hurried == 0 { pthread_cond_broadcast(freed) }
    pthread_mutex_unlock(lock)
    guard isMine else { return nil }
    return max(.zero, span - .milliseconds(SystemTime.monotonicMilliseconds - start))
  }

  /// How many wait, with patience and without.
  var waiting: (patient: Int, hurried: Int) {
    pthread_mutex_lock(lock)
    defer { pthread_mutex_unlock(lock) }
    return (patient, hurried)
  }

  /// Gives the seat to others.
  func leave() {
    pthread_mutex_lock(lock)
    precondition(isTaken, "whoever leaves the seat has it")
    isTaken = false
    pthread_cond_broadcast(freed)
    pthread_mutex_unlock(lock)
  }
}

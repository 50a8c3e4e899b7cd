import Domain
import Store

/// How people name a run: by its number, or as JOB@SLOT.
struct RunArgument {
  /// What was written.
  let text: String

  /// What it can be.
  enum Meaning {
    case number(Int64)
    case slot(Slot)
  }

  /// What it means; nil when it is neither.
  var meaning: Meaning? {
    if let number = Int64(text), number > 0 { return .number(number) }
    return Slot(text).map { .slot($0) }
  }

  /// How a run is named, for messages.
  static let form = "a run is named by its number, or like fetch@2026-11-20T14:01:00Z"

  /// The slot that is meant.
  ///
  /// - Throws: exit 64 for what is no name of a run, 1 when no run has the number.
  func slot(in store: Store, to operation: String) throws -> Slot {
    switch meaning {
    case .slot(let slot): return slot
    case .number(let number):
      guard let run = try store.read({ try $0.runs.run(number) }) else {
        throw Fault(
          operation, "run \(number)", cause: "there is no such run",
          remedy: "carillon job history lists them", exit: .no)
      }
      return run.slot
    case nil:
      throw Fault(operation, "run \(text)", cause: Self.form, exit: .usage)
    }
  }
}

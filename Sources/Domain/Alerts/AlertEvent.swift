/// What is told of an alert.
public enum AlertEvent: String, CaseIterable, Sendable {
  /// It has begun, or become louder.
  case opened
  /// It still holds.
  case repeated
  /// It is over.
  case closed
  /// It has happened, and is no state.
  case noted
}

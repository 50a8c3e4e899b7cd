public import Domain

/// What became of a request. Between what had no effect for certain and what may have had one lies all
/// that an order needs to know.
public enum HTTPOutcome: Sendable {
  /// Not sent, by our own decision: it is no valid request, or too many wait.
  case refused(Fault)
  /// Not sent: there was no connection, or no time left when its turn came.
  case notSent(Fault)
  /// Sent, whole or in part, and no whole answer came: it may have had its effect.
  case unanswered(Fault)
  /// Answered, whatever the status; the body of an error is kept.
  case answered(HTTPResponse)
}

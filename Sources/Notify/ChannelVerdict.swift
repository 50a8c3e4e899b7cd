public import Domain
import Net

/// What a channel made of a message.
public enum ChannelVerdict: Hashable, Sendable {
  /// It took it.
  case taken
  /// It did not; later it may. Told when not to come back before, where it said so.
  case failed(String, retryAfter: TimeSpan?)
  /// It will never take this one.
  case refused(String)

  /// What an answer means before a template looks at its body; nil: that decides.
  ///
  /// A refused login, a missing address and a limit are the channel's trouble and may be mended; any
  /// other 4xx is this message's.
  static func ofStatus(_ response: HTTPResponse) -> ChannelVerdict? {
    switch response.status {
    case 200..<300: return nil
    case 401, 403, 404, 407, 408, 410, 425, 429:
      return .failed("HTTP \(response.status)", retryAfter: retryAfter(response))
    case 400..<500: return .refused("HTTP \(response.status)")
    default: return .failed("HTTP \(response.status)", retryAfter: retryAfter(response))
    }
  }

  /// The longest wait that a channel can ask for.
  public static let longestWait = TimeSpan.hours(1)

  /// `Retry-After` in seconds; a date is not waited for.
  private static func retryAfter(_ response: HTTPResponse) -> TimeSpan? {
    wait(response.header("Retry-After").flatMap { Double($0) })
  }

  /// So many seconds, bounded.
  static func wait(_ seconds: Double?) -> TimeSpan? {
    guard let seconds, seconds.isFinite, seconds >= 0 else { return nil }
    let bounded = min(seconds, Double(longestWait.milliseconds) / 1000)
    return .milliseconds(Int64((bounded * 1000).rounded(.up)))
  }
}

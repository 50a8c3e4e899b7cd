import Hummingbird
import NIOCore

/// Who sees the pages.
public enum WebAccess: Sendable {
  /// Everybody who can ask, which must be this machine alone. Nobody acts.
  case everybody
  /// Nobody: others could ask, and there is no login.
  case nobody
  /// Who logs in.
  case users(WebUsers)
}

/// What is known of a request beside itself: who sent it.
struct WebContext: RequestContext {
  var coreContext: CoreRequestContextStorage
  /// The address of the other end, a proxy's where there is one.
  let address: String

  init(source: ApplicationRequestContextSource) {
    coreContext = .init(source: source)
    address = source.channel.remoteAddress?.ipAddress ?? "unknown"
  }
}

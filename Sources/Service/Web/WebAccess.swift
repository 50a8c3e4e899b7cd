import Hummingbird
import NIOCore
public import Settings

/// Who sees the pages.
public enum WebAccess: Sendable {
  /// Everybody who can ask, which must be this machine alone. Nobody acts.
  case everybody
  /// Nobody: others could ask, and there is no login.
  case nobody
  /// Who logs in.
  case users(WebUsers)
}

/// Who comes in, beside people: what the settings say of machines and of proxies.
public struct WebDoor: Sendable {
  /// Who sees the pages.
  public var access: WebAccess
  /// The tokens of machines; nil: there are none.
  public var tokens: TokenFile?
  /// Proxies whose word counts of where a request came from.
  public var proxies: [AddressRange]

  /// A door of these parts.
  public init(
    _ access: WebAccess = .everybody, tokens: TokenFile? = nil, proxies: [AddressRange] = []
  ) {
    (self.access, self.tokens, self.proxies) = (access, tokens, proxies)
  }
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

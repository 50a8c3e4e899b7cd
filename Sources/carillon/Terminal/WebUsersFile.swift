import Disk
import Domain
import Service
import Settings

/// Who comes in to the pages, by the settings.
enum WebUsersFile {
  /// People, machines and proxies.
  static func door(_ web: WebSettings) throws -> WebDoor {
    let tokens = web.tokensFile.map { TokenFile(path: $0) }
    // What cannot be read is told at the start.
    _ = try tokens?.tokens()
    return WebDoor(try access(web), tokens: tokens, proxies: web.trustedProxies)
  }

  /// Whom the file of users names; without one, everybody at this machine.
  static func access(_ web: WebSettings) throws -> WebAccess {
    guard let file = web.usersFile else { return web.isLocal ? .everybody : .nobody }
    let text = try TextFile.read(file, remedy: "make it: carillon web password NAME > \(file)")
    return .users(try WebUsers(text, file: file))
  }
}

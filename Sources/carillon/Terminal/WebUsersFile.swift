import Disk
import Domain
import Service
import Settings

/// Who sees the pages, by the settings.
enum WebUsersFile {
  /// Whom the file of users names; without one, everybody at this machine.
  static func access(_ web: WebSettings) throws -> WebAccess {
    guard let file = web.usersFile else { return web.isLocal ? .everybody : .nobody }
    let text = try TextFile.read(file, remedy: "make it: carillon web password NAME > \(file)")
    return .users(try WebUsers(text, file: file))
  }
}

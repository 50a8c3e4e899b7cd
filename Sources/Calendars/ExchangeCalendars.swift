public import Domain
import Synchronization

extension TradingCalendar {
  /// A calendar that Carillon brings along, in its zone of the system's database; read once.
  ///
  /// - Throws: a `Fault` for an unknown name, and where the zone cannot be read.
  public static func builtIn(_ name: String) throws(Fault) -> TradingCalendar {
    if let known = readCalendars.withLock({ $0[name] }) { return known }
    let calendar = try named(name, zones: ZoneDatabase.zone)
    readCalendars.withLock { $0[name] = calendar }
    return calendar
  }

  private static let readCalendars = Mutex<[String: TradingCalendar]>([:])

  /// The calendars that Carillon brings along.
  public static let builtInNames = ExchangeDays.texts.keys.sorted()

  /// A calendar that Carillon brings along; its zone comes from `zones`, usually
  /// `ZoneDatabase.zone`. It is read anew with each call; see `builtIn(_:)`.
  ///
  /// - Throws: a `Fault` for an unknown name, and what `zones` throws.
  public static func named(_ name: String, zones: (String) throws(Fault) -> Zone) throws(Fault)
    -> TradingCalendar
  {
    guard let text = ExchangeDays.texts[name] else {
      let same = builtInNames.first { $0.lowercased() == name.lowercased() }
      throw Fault(
        "read the calendar", "`\(name.prefix(64))`", cause: "there is no such calendar",
        remedy: same.map { "did you mean \($0)?" }
          ?? "use one of \(builtInNames.joined(separator: " ")), or the path of a calendar file",
        exit: .configuration)
    }
    var fault: Fault?
    do {
      return try TradingCalendar(file: text) { (zone: String) throws(Fault) -> Zone in
        do throws(Fault) { return try zones(zone) } catch {
          fault = error
          throw error
        }
      }
    } catch {
      guard let fault else { preconditionFailure("the built-in calendar \(name): \(error)") }
      throw fault
    }
  }
}

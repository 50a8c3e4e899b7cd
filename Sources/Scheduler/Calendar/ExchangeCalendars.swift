public import Domain

extension TradingCalendar {
  /// The calendars that Carillon brings along.
  public static let builtInNames = ExchangeDays.texts.keys.sorted()

  /// A calendar that Carillon brings along; its zone comes from `zones`, usually
  /// `ZoneDatabase.zone`. It is read anew with each call, so keep it.
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

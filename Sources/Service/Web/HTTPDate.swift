import Domain

extension Instant {
  /// The instant as HTTP writes it: `Sun, 06 Nov 1994 08:49:37 GMT`.
  ///
  /// Source: RFC 9110, section 5.6.7 (IMF-fixdate).
  var httpDate: String {
    let days = seconds.flooringQuotient(86_400)
    let date = CivilDate(daysSinceEpoch: Int(days))
    let ofDay = Int(seconds - days * 86_400)
    func two(_ n: Int) -> String { n < 10 ? "0\(n)" : "\(n)" }
    let time = "\(two(ofDay / 3600)):\(two(ofDay / 60 % 60)):\(two(ofDay % 60))"
    return
      "\(Self.weekdays[date.weekday]), \(two(date.day)) \(Self.months[date.month - 1]) \(date.year) \(time) GMT"
  }

  private static let weekdays = ["Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"]
  private static let months = [
    "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec",
  ]
}

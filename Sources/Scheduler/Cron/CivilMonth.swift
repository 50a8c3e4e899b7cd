/// A month as the search through a calendar needs it: where it begins, and its shape.
///
/// Days count from 1970-01-01. Only for the years 0 (from March) to 32,767, where the arithmetic is
/// without signs and so without branches.
struct CivilMonth {
  let year: Int
  /// 1 to 12.
  let number: Int
  let firstDay: Int

  /// Days from 0000-03-01 to 1970-01-01. The day before the former is a Tuesday.
  private static let epoch = 719_468

  /// The month that holds a day.
  ///
  /// Source: C. Neri and L. Schneider, "Euclidean affine functions and their application to calendar
  /// algorithms", Software: Practice and Experience 53 (2023), figure 12.
  @inline(__always)
  init(containing day: Int) {
    let n1 = 4 * UInt32(truncatingIfNeeded: day + Self.epoch) + 3
    let century = n1 / 146_097
    let n2 = UInt64(n1 % 146_097 | 3) * 2_939_745
    let yearOfCentury = UInt32(truncatingIfNeeded: n2 >> 32)
    let dayOfYear = UInt32(truncatingIfNeeded: n2) / 2_939_745 / 4
    let n3 = 2141 * dayOfYear + 197_913
    let fromMarch = n3 >> 16
    let dayOfMonth = (n3 & 0xFFFF) / 2141
    let isNextYear = dayOfYear >= 306
    year = Int(100 * century + yearOfCentury + (isNextYear ? 1 : 0))
    number = Int(isNextYear ? fromMarch - 12 : fromMarch)
    firstDay = day - Int(dayOfMonth)
  }

  /// A month of a year. Source: as above, figure 13.
  @inline(__always)
  init(year: Int, number: Int) {
    self.year = year
    self.number = number
    let isOfYearBefore = number <= 2
    let year = UInt32(truncatingIfNeeded: year) - (isOfYearBefore ? 1 : 0)
    let fromMarch = UInt32(truncatingIfNeeded: number) + (isOfYearBefore ? 12 : 0)
    let century = year / 100
    let days = 1461 * year / 4 - century + century / 4 + (979 * fromMarch - 2919) / 32
    firstDay = Int(days) - Self.epoch
  }

  /// The index of the month's shape: (length - 28) * 7 + the weekday of its first day.
  @inline(__always)
  var shape: Int {
    (Self.length(number, of: year) - 28) * 7
      + Int(UInt32(truncatingIfNeeded: firstDay + Self.epoch + 3) % 7)
  }

  /// The number of days of a month.
  @inline(__always)
  static func length(_ number: Int, of year: Int) -> Int {
    if number == 2 {
      return year & 3 == 0 && (year % 25 != 0 || year & 15 == 0) ? 29 : 28
    }
    return 30 | (number ^ (number >> 3))
  }
}

/// The two fields of days, joined into one set of days for each shape of month.
enum CronDays {
  /// Bits 1 to 31 for each shape of month, laid out as in `CronFields.days`.
  ///
  /// As in Debian's cron, both fields must match when the text of either begins with `*`, otherwise
  /// one of them is enough.
  static func masks(dayOfMonth: CronFieldSet, dayOfWeek: CronFieldSet) -> InlineArray<28, UInt32> {
    var masks = InlineArray<28, UInt32>(repeating: 0)
    let bothMustMatch = dayOfMonth.beginsWithStar || dayOfWeek.beginsWithStar
    for length in 28...31 {
      let all = (~UInt32(0) >> UInt32(31 - length)) & ~1
      let lastWeek = all & (~0 << UInt32(length - 6))
      let lastDay: UInt32 = dayOfMonth.isLastDay ? 1 << UInt32(length) : 0
      let inMonth = (UInt32(truncatingIfNeeded: dayOfMonth.bits) | lastDay) & all
      for firstWeekday in 0..<7 {
        var inWeek = repeated(UInt8(truncatingIfNeeded: dayOfWeek.bits), from: firstWeekday) & all
        if dayOfWeek.nth != SIMD8() {
          for week in 0..<5 {
            let days: UInt32 = 0b1111_1110 << UInt32(7 * week)
            inWeek |= repeated(dayOfWeek.nth[week], from: firstWeekday) & days & all
          }
          inWeek |= repeated(dayOfWeek.nth[5], from: firstWeekday) & lastWeek
        }
        masks[(length - 28) * 7 + firstWeekday] =
          bothMustMatch ? inMonth & inWeek : inMonth | inWeek
      }
    }
    return masks
  }

  /// Whether one of the fields names every day and is enough.
  static func isEveryDay(_ dayOfMonth: CronFieldSet, _ dayOfWeek: CronFieldSet) -> Bool {
    !dayOfMonth.beginsWithStar && !dayOfWeek.beginsWithStar
      && (dayOfMonth.isFull(.dayOfMonth) || dayOfWeek.isFull(.dayOfWeek))
  }

  /// Bits 1 to 31 of a month that begins on a weekday, set on the weekdays of a set.
  private static func repeated(_ weekdays: UInt8, from firstWeekday: Int) -> UInt32 {
    let week = UInt64(weekdays)
    let fromFirst = (week >> UInt64(firstWeekday) | week << UInt64(7 - firstWeekday)) & 0x7F
    let weeks: UInt64 = 1 | 1 << 7 | 1 << 14 | 1 << 21 | 1 << 28
    return UInt32(truncatingIfNeeded: fromFirst * weeks << 1)
  }

  /// ` (30 February)` for an expression whose only date does not exist.
  static func absentDate(dayOfMonth: CronFieldSet, month: CronFieldSet) -> String {
    guard dayOfMonth.bits.nonzeroBitCount == 1, month.bits.nonzeroBitCount == 1 else {
      return " (no such dates)"
    }
    return " (\(dayOfMonth.bits.trailingZeroBitCount) "
      + "\(CronWords.months[month.bits.trailingZeroBitCount - 1]))"
  }
}

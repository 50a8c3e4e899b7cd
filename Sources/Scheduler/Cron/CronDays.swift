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
      for firstWeekday in 0..<7 {
        var mask: UInt32 = 0
        for day in 1...length {
          let inMonth =
            dayOfMonth.bits >> UInt64(day) & 1 == 1 || (dayOfMonth.isLastDay && day == length)
          let weekday = UInt8((firstWeekday + day - 1) % 7)
          let inWeek =
            dayOfWeek.bits >> UInt64(weekday) & 1 == 1
            || dayOfWeek.nth[(day - 1) / 7] >> weekday & 1 == 1
            || (dayOfWeek.nth[5] >> weekday & 1 == 1 && day + 7 > length)
          if bothMustMatch ? inMonth && inWeek : inMonth || inWeek { mask |= 1 << UInt32(day) }
        }
        masks[(length - 28) * 7 + firstWeekday] = mask
      }
    }
    return masks
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

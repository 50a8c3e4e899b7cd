public import Domain
public import StrictYAML

extension MappingReader {
  /// Which copies stay: `{ last, hourly, daily, weekly, monthly }`; nil where the key is absent. What is
  /// not named is 0, but for the newest one.
  public func keepPolicy(_ key: String) -> KeepPolicy? {
    guard let keep = mapping(key) else { return nil }
    func count(_ key: String) -> Int { keep.integer(key, in: 0...10_000) ?? 0 }
    if keep.contains("last"), keep.contains("latest") {
      keep.log.error(
        at: keep.value("latest") ?? keep.node, "`last` and `latest` are given both",
        mend: "remove one: they mean the same")
    }
    let policy = KeepPolicy(
      latest: max(1, count("last"), count("latest")), hourly: count("hourly"),
      daily: count("daily"), weekly: count("weekly"), monthly: count("monthly"))
    keep.finish()
    return policy
  }
}

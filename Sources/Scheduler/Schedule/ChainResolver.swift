import Domain
import StrictYAML

/// Looks up the names in `after` and `needs`, finds cycles, and gives each chain its head.
struct ChainResolver {
  private let entries: [JobEntry]
  private let log: DiagnosticLog
  private let indexes: [JobName: Int]

  init(_ entries: [JobEntry], log: DiagnosticLog) {
    (self.entries, self.log) = (entries, log)
    indexes = Dictionary(
      entries.enumerated().map { ($1.name, $0) }, uniquingKeysWith: { first, _ in first })
  }

  /// The jobs in the order of the file; fewer where there are errors, which are in the log.
  func resolve() -> [ScheduledJob] {
    let parents = entries.map { entry -> [Int] in
      if case .after(let names) = entry.timing { lookUp(names, of: entry) } else { [] }
    }
    for entry in entries { checkNeeds(of: entry) }
    let order = parentsFirst(parents)
    reportCycles(parents, ordered: Set(order))
    var jobs = [ScheduledJob?](repeating: nil, count: entries.count)
    for index in order {
      let entry = entries[index]
      guard let kind = entry.kind else { continue }
      var job = entry.settings.job(entry, kind: kind)
      switch entry.timing {
      case .unknown: continue
      case .head(let cadence):
        job.timing = .head(cadence)
        job.timingIdentity = identity("head \(cadence.timing)", paused: entry.paused)
        checkJitter(of: job, at: entry.key)
      case .after:
        let resolved = parents[index].compactMap { jobs[$0] }
        guard let first = resolved.first, resolved.count == parents[index].count else { continue }
        if let other = resolved.first(where: { $0.head != first.head }) {
          reportHeads(first, other, at: entry)
          continue
        }
        job.timing = .after(resolved.map(\.name))
        job.head = first.head
        job.timeAllowed = job.timeAllowed + (resolved.map(\.timeAllowed).max() ?? .zero)
        job.timingIdentity = identity(
          "after " + resolved.map { "\($0.name) \($0.timingIdentity)" }.joined(separator: " "),
          paused: entry.paused)
        if let head = indexes[first.head].flatMap({ jobs[$0] }) { inherit(from: head, &job) }
      }
      if job.catchup == .all, job.cadence != nil, job.deadline == .untilNextSlot {
        job.deadline = .unlimited
      }
      jobs[index] = job
    }
    return jobs.compactMap { $0 }
  }

  /// The head alone decides what is caught up; its jitter is its own.
  private func inherit(from head: ScheduledJob, _ job: inout ScheduledJob) {
    job.catchup = head.catchup
    job.jitter = .zero
    if head.catchup == .all, job.deadline == .untilNextSlot { job.deadline = .unlimited }
  }

  private func identity(_ text: String, paused: Bool) -> String {
    StableHash(paused ? "\(text) paused" : text).digits
  }

  private func lookUp(_ names: [YAMLNode], of entry: JobEntry) -> [Int] {
    var result: [Int] = []
    for node in names {
      guard let text = log.value(of: node, named: "after", expected: "names of jobs", { $0 })
      else { continue }
      guard let index = JobName(text).flatMap({ indexes[$0] }) else {
        reportUnknown(text, at: node)
        continue
      }
      if result.contains(index) {
        log.error(at: node, "`after` names `\(text)` twice", mend: "remove one")
      } else {
        result.append(index)
      }
    }
    return result
  }

  private func reportUnknown(_ text: String, at node: YAMLNode) {
    let near = Spelling.nearest(text, among: entries.map(\.name.text))
      .flatMap { JobName($0) }.flatMap { indexes[$0] }
    let names = entries.map { "`\($0.name)`" }
    let mend =
      near.map { "did you mean `\(entries[$0].name)` (line \(entries[$0].key.location.line))?" }
      ?? "the jobs are \(names.prefix(8).joined(separator: ", "))\(names.count > 8 ? ", ..." : "")"
    log.error(at: node, "no job named `\(text.prefix(64))`", mend: mend)
  }

  private func checkNeeds(of entry: JobEntry) {
    for node in entry.needed {
      guard let text = node.text, let name = JobName(text) else { continue }
      if name == entry.name {
        log.error(at: node, "job `\(name)` needs itself", mend: "remove it")
      } else if indexes[name] == nil {
        reportUnknown(text, at: node)
      }
    }
  }

  private func checkJitter(of job: ScheduledJob, at key: YAMLNode) {
    guard case .explicit(let deadline) = job.deadline, job.jitter > deadline else { return }
    log.error(
      at: key, "the jitter of job `\(job.name)`, \(job.jitter), is longer than its deadline",
      mend: "set a deadline of more than \(job.jitter)")
  }

  /// The jobs with parents before followers; those on a cycle and after one are left out.
  private func parentsFirst(_ parents: [[Int]]) -> [Int] {
    var followers = [[Int]](repeating: [], count: parents.count)
    for (index, list) in parents.enumerated() {
      for parent in list { followers[parent].append(index) }
    }
    var waiting = parents.map(\.count)
    var order = parents.indices.filter { waiting[$0] == 0 }
    var next = 0
    while next < order.count {
      for follower in followers[order[next]] {
        waiting[follower] -= 1
        if waiting[follower] == 0 { order.append(follower) }
      }
      next += 1
    }
    return order
  }

  /// Names each cycle once, at its first job in the file.
  private func reportCycles(_ parents: [[Int]], ordered: Set<Int>) {
    var seen = ordered
    for start in entries.indices where !seen.contains(start) {
      var path: [Int] = []
      var places: [Int: Int] = [:]
      var index = start
      while !seen.contains(index), places[index] == nil {
        places[index] = path.count
        path.append(index)
        // A job that is not in the order has a parent that is not.
        guard let parent = parents[index].first(where: { !ordered.contains($0) }) else { break }
        index = parent
      }
      seen.formUnion(path)
      if let place = places[index] { report(cycle: path[place...].reversed()) }
    }
  }

  private func report(cycle: [Int]) {
    guard let first = cycle.min(), let place = cycle.firstIndex(of: first),
      case .after(let names) = entries[first].timing
    else { return }
    let turned = cycle[place...] + cycle[..<place] + [first]
    let path = turned.map { entries[$0].name.text }.joined(separator: " → ")
    log.error(at: names.first ?? entries[first].key, "cycle: \(path)", mend: "drop one `after`")
  }

  private func reportHeads(_ a: ScheduledJob, _ b: ScheduledJob, at entry: JobEntry) {
    guard case .after(let names) = entry.timing else { return }
    let node = names.first { $0.text == b.name.text } ?? entry.key
    func chain(_ job: ScheduledJob) -> String {
      job.name == job.head ? "`\(job.name)`" : "`\(job.name)` (after `\(job.head)`)"
    }
    log.error(
      at: node, "\(chain(a)) and \(chain(b)) have different heads, so they share no slots",
      mend: "follow one of them and name the other in `needs`")
  }
}

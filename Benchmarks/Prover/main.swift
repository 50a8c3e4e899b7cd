import Dispatch
import Domain
import Glibc

// Holds whole rebalances to the invariants of money over seeded worlds, optimised: `RebalanceProver
// FIRST SEEDS SLOTS`. The worlds are those of SeededRebalanceTests; scripts/prove_plans calls it. A
// world's databases live for a second in TMPDIR. A failing seed is printed with the command that
// replays it, and ends the process with 1.

let arguments = CommandLine.arguments
guard arguments.count == 4, let first = UInt64(arguments[1]), let seeds = UInt64(arguments[2]),
  let slots = Int(arguments[3]), seeds > 0, slots > 0
else {
  print("usage: RebalanceProver FIRST SEEDS SLOTS")
  exit(64)
}

func now(_ clock: clockid_t) -> Double {
  var time = timespec()
  clock_gettime(clock, &time)
  return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
}

/// What came of the worlds so far.
struct Progress {
  let first: UInt64
  let began = now(CLOCK_MONOTONIC)
  var told = now(CLOCK_MONOTONIC)
  var worlds = 0
  var failed = 0
  var counts = SeededRebalances.Counts()

  /// Prints a line, once a minute unless it is the last.
  mutating func tell(isLast: Bool = false) {
    let time = now(CLOCK_MONOTONIC)
    guard isLast || time - told > 60 else { return }
    told = time
    print(
      "\(worlds) worlds from seed \(first), \(failed) failed: \(counts) (\(Int(time - began)) s, "
        + "\(Int(now(CLOCK_PROCESS_CPUTIME_ID))) s of CPU)")
    fflush(nil)
  }
}

var progress = Progress(first: first)
for seed in first..<(first + seeds) {
  var finding: String?
  do {
    var rebalances = try SeededRebalances(seed: seed)
    try await rebalances.run(slots: slots)
    progress.counts += rebalances.counts
    finding = rebalances.findings.first
  } catch {
    finding = "\(error)"
  }
  progress.worlds += 1
  if let finding {
    progress.failed += 1
    print("seed \(seed): \(finding)")
    print("  replay: make prove-plans FIRST=\(seed) SEEDS=1 SLOTS=\(slots)")
  }
  progress.tell()
}
progress.tell(isLast: true)
exit(progress.failed == 0 ? 0 : 1)

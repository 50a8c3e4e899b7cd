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

var progress = Progress()
var failed = 0
var counts = SeededRebalances.Counts()
for seed in first..<(first + seeds) {
  var finding: String?
  do {
    var rebalances = try SeededRebalances(seed: seed)
    try await rebalances.run(slots: slots)
    counts += rebalances.counts
    finding = rebalances.findings.first
  } catch {
    finding = "\(error)"
  }
  if let finding {
    failed += 1
    print("seed \(seed): \(finding)")
    print("  replay: make prove-plans FIRST=\(seed) SEEDS=1 SLOTS=\(slots)")
  }
  progress.tell(
    "\(seed - first + 1) worlds from seed \(first), \(failed) failed: \(counts)",
    isLast: seed == first + seeds - 1)
}
exit(failed == 0 ? 0 : 1)

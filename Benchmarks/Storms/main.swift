import Glibc

// Sails the whole service through seeded misfortunes, optimised: `StormProver FIRST SEEDS`. The storms
// are those of StormTests, of their long kind; scripts/prove_storms calls it. A failing seed is printed
// with its story and the command that replays it, and ends the process with 1.

let arguments = CommandLine.arguments
guard arguments.count == 3, let first = UInt64(arguments[1]), let seeds = UInt64(arguments[2]),
  seeds > 0
else {
  print("usage: StormProver FIRST SEEDS")
  exit(64)
}

var progress = Progress()
var failed = 0
var struck = Storm.Log()
for seed in first..<(first + seeds) {
  var complaints: [String]
  do {
    let storm = try Storm(seed: seed)
    complaints = try await storm.sail()
    struck.add(storm.log)
  } catch {
    complaints = ["\(error)"]
  }
  if !complaints.isEmpty {
    failed += 1
    print("seed \(seed):\n  " + complaints.joined(separator: "\n  "))
    print("  replay: make storm FIRST=\(seed) SEEDS=1")
  }
  let misfortunes = struck.counts.values.reduce(0, +)
  progress.tell(
    "\(seed - first + 1) storms from seed \(first), \(failed) failed: \(misfortunes) misfortunes",
    isLast: seed == first + seeds - 1)
}
if seeds >= 200, !struck.missing.isEmpty {
  print("never struck: \(struck.missing)")
  failed += 1
}
exit(failed == 0 ? 0 : 1)

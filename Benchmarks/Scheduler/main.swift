// What scheduler and ledger cost. peers/scheduler.py runs each part beside its peers:
//
//   scheduler-benchmark planner                              the planner alone, 100 to 10,000 jobs
//   scheduler-benchmark dispatch JOBS spread|burst WORKERS FOLDER
//   scheduler-benchmark ledger JOBS RUNS WORKERS FOLDER      so many runs in one database
//
// Each prints lines of JSON.
import Domain
import Glibc

let arguments = CommandLine.arguments.dropFirst()
switch arguments.first {
case "planner" where arguments.count == 1:
  for jobs in [100, 1000, 10_000] { try PlannerCost(jobs: jobs).report() }
case "dispatch" where arguments.count == 5:
  let values = Array(arguments)
  guard let jobs = Int(values[1]), let workers = Int(values[3]),
    ["spread", "burst"].contains(values[2])
  else { fatalError("dispatch JOBS spread|burst WORKERS FOLDER") }
  try ServiceLoad(
    jobs: jobs, isSpread: values[2] == "spread", runs: jobs, workers: workers, folder: values[4],
    period: .hours(1)
  ).run()
case "ledger" where arguments.count == 5:
  let values = Array(arguments)
  guard let jobs = Int(values[1]), let runs = Int(values[2]), let workers = Int(values[3])
  else { fatalError("ledger JOBS RUNS WORKERS FOLDER") }
  try ServiceLoad(
    jobs: jobs, isSpread: false, runs: runs, workers: workers, folder: values[4],
    period: .seconds(5)
  ).run()
default:
  Figures.say("usage: see Benchmarks/Scheduler/main.swift")
  exit(64)
}

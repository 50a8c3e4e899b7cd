import Disk
import Domain
import Glibc
import Settings

// The machine: memory, descriptors, clock.
extension Examination {
  /// Below this, a rebalance of a few hundred symbols beside the pages has no room.
  static let leastMemoryBytes: Int64 = 256 << 20

  static let machine = Examination("machine") { _ in
    var lines: [DoctorLine] = []
    if let bytes = availableMemory {
      let figure = "\(bytes >> 20) MiB available"
      lines.append(
        DoctorLine(
          "memory",
          bytes >= leastMemoryBytes
            ? .well(figure)
            : .ill(
              "\(figure), of \(leastMemoryBytes >> 20) that are wanted",
              remedy: "give the machine or the container more")))
    }
    let cores = sysconf(Int32(_SC_NPROCESSORS_ONLN))
    lines.append(DoctorLine("processors", .well("\(cores)")))
    return lines
  }

  /// What may still be used: of the machine, and of the control group where that is less.
  private static var availableMemory: Int64? {
    guard let text = TextFile.contents("/proc/meminfo"),
      let line = text.split(separator: "\n").first(where: { $0.hasPrefix("MemAvailable:") }),
      let kibibytes = line.split(separator: " ").dropFirst().first.flatMap({ Int64($0) })
    else { return nil }
    let machine = kibibytes << 10
    func figure(_ name: String) -> Int64? {
      TextFile.contents("/sys/fs/cgroup/\(name)")?.split(separator: "\n").first.flatMap {
        Int64($0)
      }
    }
    guard let most = figure("memory.max"), let used = figure("memory.current") else {
      return machine
    }
    return min(machine, max(0, most - used))
  }

  static let clock = Examination("clock") { setup in
    let isLive = setup.settings?.accounts.values.contains { $0.isLive } ?? false
    switch KernelClock.read() {
    case .synchronised(let error):
      return [DoctorLine("clock", .well("synchronised, within \(error.milliseconds) ms"))]
    case .free:
      let (why, remedy) = ("nothing keeps this machine's clock right", "timedatectl set-ntp true")
      return [
        DoctorLine(
          "clock", isLive ? .ill(why, remedy: remedy) : .doubtful(why, remedy: remedy))
      ]
    case .untold:
      return [
        DoctorLine(
          "clock",
          .doubtful(
            "the kernel does not say whether it is kept right",
            remedy: "ask the host: timedatectl"))
      ]
    }
  }
}

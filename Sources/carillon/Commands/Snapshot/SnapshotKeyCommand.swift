import ArgumentParser
import Cryptography
import Disk
import Domain
import Jobs
import Settings
import Store

/// `carillon snapshot key`
struct SnapshotKeyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "key",
    abstract: "Print the key that checks the signatures of this place's snapshots.",
    discussion: """
      It is no secret. Keep it where the identity that opens the remote copies is kept: by it a forged copy \
      is told from one of yours. The private key is made when it is first needed.
      """)

  @OptionGroup var global: SettingsOptions

  func run() throws {
    let settings = try Workspace(global).settings
    Console.out("\(try SnapshotKeyFile.of(settings).key().verifying)")
  }
}

/// `carillon snapshot keygen`
struct SnapshotKeygenCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "keygen",
    abstract: "Make an identity that opens remote copies, as age-keygen does.",
    discussion: """
      Writes the identity to FILE, which nobody else may read, and prints its recipient for \
      `snapshot: { remote: { recipients } }`. FILE names the key of this place's snapshots too, so that \
      who holds it can tell a forged copy. Keep FILE away from this machine, and twice: without it \
      nothing opens the copies.
      """)

  @Argument(help: "Where the identity is written.", completion: .file())
  var file: String

  @OptionGroup var global: SettingsOptions

  func run() throws {
    let settings = try Workspace(global).settings
    let key = try SnapshotKeyFile.of(settings).key().verifying
    guard !TextFile.exists(file) else {
      throw Fault(
        "write", file, cause: "it exists already",
        remedy: "choose another name: an identity that is lost opens nothing", exit: .cannotCreate)
    }
    let identity = AgeIdentity.make()
    let text = AgeIdentityFile(identities: [identity], verifyingKeys: [key]).text
    try NewFile.write(text.reveal { $0 }, to: file)
    Console.out("\(identity.recipient)")
  }
}

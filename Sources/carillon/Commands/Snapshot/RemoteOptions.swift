import ArgumentParser
import Cryptography
import Domain
import Jobs
import Net
import Remote
import Settings
import Store

/// What the commands of the remote share: the settings' remote, or one that is named instead.
struct RemoteOptions: ParsableArguments {
  @Option(
    help: "The remote, s3://BUCKET/PREFIX or file:///FOLDER (default: the settings').")
  var from: String?

  @Option(help: "Where the S3 store answers: https://HOST.")
  var endpoint: String?

  @Option(help: "The bucket's region.")
  var region: String?

  @Option(help: "The file of the public half of the key.", completion: .file())
  var accessKeyFile: String?

  @Option(help: "The file of the secret half of the key.", completion: .file())
  var secretKeyFile: String?

  @Option(help: "The file of the identity that opens copies.", completion: .file())
  var identity: String?

  @Option(help: "A key whose copies are believed, as `carillon snapshot key` prints it.")
  var verifyingKey: [String] = []

  /// The desk of the remote, and the transport to be shut down after it.
  func desk(_ workspace: Workspace, _ folder: SnapshotFolder) throws -> RemoteDesk {
    try Self.desk(workspace, folder, named(over: workspace.settings.snapshot.remote))
  }

  /// The desk of the settings' remote, or of another.
  static func desk(
    _ workspace: Workspace, _ folder: SnapshotFolder, _ remote: RemoteSettings? = nil
  ) throws -> RemoteDesk {
    try RemoteDesk(
      workspace.settings, remote, folder: folder, transport: try workspace.transport(),
      time: SystemTime())
  }

  /// The settings' remote, with what the command line names laid over it.
  private func named(over configured: RemoteSettings?) -> RemoteSettings? {
    guard var remote = configured ?? from.map({ RemoteSettings(url: $0) }) else { return nil }
    if let from { remote.url = from }
    if let endpoint { remote.endpoint = endpoint }
    if let region { remote.region = region }
    if let accessKeyFile { remote.accessKeyFile = accessKeyFile }
    if let secretKeyFile { remote.secretKeyFile = secretKeyFile }
    return remote
  }

  /// With what copies are opened, and whose are believed.
  func trust(_ desk: RemoteDesk) throws -> RemoteTrust {
    let keys = try verifyingKey.map { text in
      guard let key = Ed25519VerifyingKey(text) else {
        throw Fault(
          "read the key", text,
          cause: "it is none: it begins with ed25519: and has 44 letters then",
          remedy: "carillon snapshot key prints it where the copies were taken", exit: .usage)
      }
      return key
    }
    return try desk.trust(identityFile: identity, keys: keys)
  }

  /// The copy of a name or a snapshot's number, or the newest.
  func copy(_ text: String?, at desk: RemoteDesk) async throws -> RemoteCopy {
    let all = try await desk.copies.list()
    let wanted = text == "latest" ? nil : text
    let found =
      wanted.map { text in
        all.last { "\($0.name)" == text || $0.name.id == SnapshotID(text) }
      } ?? all.last
    guard let found else {
      throw Fault(
        "find \(wanted ?? "a copy") at", desk.copies.store.place,
        cause: all.isEmpty ? "there is none" : "there is none of this name or number",
        remedy: "carillon snapshot list --remote", exit: .noInput)
    }
    return found
  }
}

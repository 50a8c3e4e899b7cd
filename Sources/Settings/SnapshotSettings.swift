public import Domain
import StrictYAML

/// `snapshot` of the settings: whose the snapshots are, and where they go from here.
public struct SnapshotSettings: Hashable, Sendable {
  /// The file of the key that they are signed with; nil: the one beside the database.
  public var signingKeyFile: String?
  /// How many differences follow a whole snapshot at most; 0: each is whole.
  public var deltas = 0
  /// How hard frames are compressed, as zstd counts.
  public var level = 3
  /// Where copies of them are kept off this machine; nil: nowhere.
  public var remote: RemoteSettings?

  /// The most differences that may follow a whole snapshot.
  public static let mostDeltas = 24
  /// What zstd takes without being asked twice: more than 19 needs gigabytes.
  public static let levels = 1...19

  /// Signed with the key beside the database, kept here alone.
  public init() {}
}

/// `snapshot.remote`: a store of encrypted copies.
public struct RemoteSettings: Hashable, Sendable {
  /// `s3://BUCKET/PREFIX`, or `file:///FOLDER`.
  public var url: String
  /// Where the S3 store answers, as `https://HOST`; nil: at Amazon, by the region.
  public var endpoint: String?
  /// The region of the bucket.
  public var region: String
  /// The file of the public half of the key.
  public var accessKeyFile: String?
  /// The file of the secret half of the key.
  public var secretKeyFile: String?
  /// Whom copies are encrypted to: `age1...`, at least one.
  public var recipients: [String]
  /// The file of what opens them again; nil: this machine cannot read its copies back.
  public var identityFile: String?
  /// Which copies stay there.
  public var keep: KeepPolicy

  /// A remote of an address, where nothing else is known yet: nobody is encrypted to.
  public init(url: String) {
    (self.url, region) = (url, Self.standardRegion)
    (recipients, keep) = ([], Self.standardKeep)
  }

  /// A month of days and two years of months: what is far away is there for what is noticed late.
  public static let standardKeep = KeepPolicy(latest: 3, daily: 30, weekly: 0, monthly: 24)
  /// The region unless another is given: what stores without regions expect.
  public static let standardRegion = "us-east-1"
}

extension SnapshotSettings {
  /// Reads `snapshot`; every mistake goes to the reader's log.
  init(_ reader: MappingReader, resolve: (String) -> String) {
    signingKeyFile = reader.name("signing-key-file").map(resolve)
    deltas = reader.integer("deltas", in: 0...Self.mostDeltas) ?? 0
    level = reader.integer("level", in: Self.levels) ?? 3
    remote = reader.mapping("remote").map { RemoteSettings($0, resolve: resolve) }
    reader.finish()
  }
}

extension RemoteSettings {
  init(_ reader: MappingReader, resolve: (String) -> String) {
    url = reader.name("url", required: true) ?? ""
    endpoint = reader.name("endpoint").map { $0.hasSuffix("/") ? String($0.dropLast()) : $0 }
    region = reader.name("region") ?? Self.standardRegion
    accessKeyFile = reader.name("access-key-file").map(resolve)
    secretKeyFile = reader.name("secret-key-file").map(resolve)
    recipients = reader.strings("recipients", required: true) ?? []
    identityFile = reader.name("identity-file").map(resolve)
    keep = reader.keepPolicy("keep") ?? Self.standardKeep
    check(reader)
    reader.finish()
  }

  private func check(_ reader: MappingReader) {
    func mistake(_ key: String, _ text: String, _ mend: String? = nil) {
      reader.log.error(at: reader.value(key) ?? reader.node, text, mend: mend)
    }
    if reader.contains("recipients"), recipients.isEmpty {
      mistake(
        "recipients", "`recipients` names nobody, and only encrypted copies leave this machine",
        "carillon snapshot keygen FILE makes one")
    }
    for recipient in recipients where !recipient.hasPrefix("age1") {
      mistake(
        "recipients", "`\(recipient)` is no recipient of age, which begins with age1",
        recipient.uppercased().hasPrefix("AGE-SECRET-KEY")
          ? "that is a secret: take it out, and name its public key" : nil)
    }
    if let endpoint, !endpoint.hasPrefix("https://"), !endpoint.hasPrefix("http://") {
      mistake("endpoint", "`endpoint` must start with https:// (or http:// in your own network)")
    }
    guard !url.hasPrefix("file:///") else { return }
    guard url.hasPrefix("s3://"), url.dropFirst(5).first.map({ $0 != "/" }) ?? false else {
      if reader.contains("url") {
        mistake("url", "`url` must be s3://BUCKET/PREFIX, or file:///FOLDER")
      }
      return
    }
    for (key, value) in [("access-key-file", accessKeyFile), ("secret-key-file", secretKeyFile)]
    where value == nil {
      reader.log.error(at: reader.node, "`\(key)` is missing in `remote`")
    }
  }
}

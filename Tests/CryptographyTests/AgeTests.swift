import Cryptography
import Domain
import Testing

@Suite("age")
struct AgeTests {
  // Made by age 1.1.1 (Debian): age-keygen; printf 'page 1 of 1\n' | age -r B -r A | base64.
  static let identity =
    "AGE-SECRET-KEY-1AEHATTYDQ07T0246CWFN8ZQQTCVVCRGM07HTL9YZN8Z0E3UX620SXZEQUL"
  static let recipient = "age1w69hm045rd50zl8k82hupqn6zwhyj5ja68tkkgj804v5va6htqdsqhn7as"
  static let file = """
    YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSBoNnhRbFJIamNLUHBOQkt3Mk8wWkkyZUw5dEoxanJZTk5Fcm
    5OTUxKUkh3CmZERkhaNE5Qbys2TmtoNkFldzdVZHNOYWtOM2lxY3pzSmZRcUNFYlljbzQKLT4gWDI1NTE5IExiR0tW
    eXZUczdIejhlMUQ0S0h2ODNoeStCVHRpS0FiajQ3b1ZXcmVPR2sKWHBHbk9nc1BqRXVaVDljcWdCU0E1Yy9ORTBvcm
    wzU25yYlBxU3dHektVYwotLS0gclVYWXRJN1FpSHZBbElSaEJUTFVrREMyK0lNaWcwanZBVWZtUjZCdnBubwrThtcY
    RNXj7ztdTJWou/5V1e0bzCagFWfOj4hk+X2pj85C32QHldM0GgLFUA==
    """
  // The same key; : | age -r A
  static let empty = """
    YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA0c2oyUUNhaDBGb3dKVjV5UytPMlJFc3l5RTErdnNycUpsMX
    dzTWhWRDFRClllTFlnVUxPRHVaR0VITGErUlVOSmF4djBLc1ZSdWNYaXB6UHhVcFNwd1UKLS0tIGNldkVJL3JQWVI2
    WUd3U2o4NlN1YW93ZHR5eFVKVFg5RXlkQm1iLzRPV1kKxnswHDFnKRL+JwNnwzBylUXzMsttErwGdkdrF53p674=
    """
  // The same key beside one of SSH, which is passed over: printf x | age -R id_ed25519.pub -r A
  static let mixed = """
    YWdlLWVuY3J5cHRpb24ub3JnL3YxCi0+IFgyNTUxOSA3Wmxya1gxQWgwQnJ3dDBCU08rK0pYUE9tVkVNcEJNVTF1bm
    11RksxVGg4CnJXZXRBTEQ5MnIxUVFnOXp6ak52RjRkdUFvUSt2M0VpN0pxV1JtNE9yY1EKLT4gc3NoLWVkMjU1MTkg
    QkxwQzVnIFJVRUJ2NXZLa2tDTENxKzNqejNreE9BWE84Y0h1UGdFK1pKcjBFSXRPancKaDJ1cmpSTWpSaldNSmcxNE
    lldkg5YXNha1pOVy9TREYvbUhIUVd6bjFSWQotLS0gU2k0Q0pWS3dDVlM5OGdjZzZtNTFoYkNkRXhOMmljOEVxbE5J
    cUZBR1VrYwrteroRN3CanCNQ7xR6lZbwiTzOJzcuTPPSj3m3q/uLlmg=
    """

  static func bytes(_ text: String) throws -> [UInt8] {
    try #require(Base64.bytes(text.filter { !$0.isWhitespace }))
  }

  static func open(
    _ file: [UInt8], _ identity: AgeIdentity, by step: Int = 1 << 20
  ) throws -> [UInt8] {
    var opener = AgeDecryptor([identity])
    var message: [UInt8] = []
    for start in stride(from: 0, to: file.count, by: step) {
      try file[start..<min(start + step, file.count)].withUnsafeBytes { part in
        try opener.open(part) { message += $0 }
      }
    }
    try opener.finish { message += $0 }
    return message
  }

  static func seal(_ message: [UInt8], to recipients: [AgeRecipient], by step: Int) -> [UInt8] {
    var sealer = AgeEncryptor(to: recipients)
    var file = sealer.header
    for start in stride(from: 0, to: message.count, by: step) {
      message[start..<min(start + step, message.count)].withUnsafeBytes { part in
        sealer.seal(part) { file += $0 }
      }
    }
    sealer.finish { file += $0 }
    return file
  }

  @Test(arguments: [1, 7, 100, 1 << 20]) func opensWhatAgeEncrypted(by step: Int) throws {
    let identity = try #require(AgeIdentity(Self.identity))
    #expect(identity.recipient.description == Self.recipient)
    #expect(identity.text.reveal { $0 } == Self.identity)
    #expect(
      try Self.open(Self.bytes(Self.file), identity, by: step) == Array("page 1 of 1\n".utf8))
    #expect(try Self.open(Self.bytes(Self.empty), identity, by: step) == [])
    #expect(try Self.open(Self.bytes(Self.mixed), identity, by: step) == Array("x".utf8))
  }

  /// Around one chunk of 65,536 bytes and two, for one recipient and for two.
  @Test(arguments: [0, 1, 65_535, 65_536, 65_537, 131_072, 200_000])
  func opensWhatItEncrypted(count: Int) throws {
    let (first, second) = (AgeIdentity.make(), AgeIdentity.make())
    let message = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 31 >> 3) }
    for step in [4096, 65_536, 70_001] {
      let file = Self.seal(message, to: [first.recipient, second.recipient], by: step)
      #expect(try Self.open(file, first, by: 9_999) == message)
      #expect(try Self.open(file, second) == message)
      // The header's recipients, the nonce, and a tag for each chunk; an empty message has one too.
      let chunks = max(1, (count + 65_535) / 65_536)
      #expect(file.count == 21 + 1 + 2 * (53 + 1 + 43 + 1) + 4 + 43 + 1 + 16 + count + 16 * chunks)
    }
  }

  @Test func everyByteAndEveryLengthCounts() throws {
    let identity = AgeIdentity.make()
    let file = Self.seal(Array("some words".utf8), to: [identity.recipient], by: 100)
    for index in file.indices {
      var flipped = file
      flipped[index] ^= 1 << UInt8(index % 8)
      #expect(throws: AgeMistake.self, "byte \(index)") { try Self.open(flipped, identity) }
      #expect(throws: AgeMistake.self, "\(index) bytes") {
        try Self.open(Array(file[..<index]), identity)
      }
    }
    #expect(throws: AgeMistake.self) { try Self.open(file + [0], identity) }
  }

  /// Chunks that change their places, or go missing, at the end as well.
  @Test func chunksKeepTheirPlaces() throws {
    let identity = AgeIdentity.make()
    let file = Self.seal(
      [UInt8](repeating: 7, count: 3 * 65_536), to: [identity.recipient], by: 4096)
    let start = file.count - 3 * 65_552
    let chunks = (0..<3).map { Array(file[(start + $0 * 65_552)...].prefix(65_552)) }
    let head = Array(file[..<start])
    for order in [[1, 0, 2], [0, 2], [0, 1], [0, 1, 2, 2], [0, 0, 2], [2]] {
      #expect(throws: AgeMistake.self, "\(order)") {
        try Self.open(head + order.flatMap { chunks[$0] }, identity)
      }
    }
    #expect(try Self.open(head + chunks.flatMap(\.self), identity).count == 3 * 65_536)
  }

  @Test func othersDoNotOpenIt() throws {
    #expect(throws: AgeMistake.isForOthers) {
      try Self.open(Self.bytes(Self.file), AgeIdentity.make())
    }
    #expect(throws: AgeMistake.isNotAge) {
      try Self.open(Array("-----BEGIN AGE".utf8), AgeIdentity.make())
    }
  }

  @Test(arguments: [
    "", "age1", "age1qqqq", "AGE1", Self.recipient.uppercased(), Self.recipient + "q",
    Self.recipient.replacing("age1", with: "agf1"), String(Self.recipient.dropLast()),
    // One letter mistyped.
    Self.recipient.replacing("z", with: "y"),
  ]) func aMistypedRecipientIsNone(text: String) {
    #expect(AgeRecipient(text) == nil)
  }

  @Test func aFileOfIdentities() throws {
    let identity = AgeIdentity.make()
    let key = Ed25519Key.make().verifying
    let text = AgeIdentityFile(identities: [identity], verifyingKeys: [key]).text.reveal { $0 }
    let read = try #require(AgeIdentityFile("# created: today\n\n" + text))
    #expect(read.identities.map(\.recipient) == [identity.recipient])
    #expect(read.verifyingKeys == [key])
    for bad in ["", "# nothing\n", text + "x\n", "# carillon verifying key: ed25519:AA==\n"] {
      #expect(AgeIdentityFile(bad) == nil)
    }
  }

  /// RFC 8032, section 7.1, test 2: the key, its message 72, its signature.
  @Test func signaturesAreChecked() throws {
    let message: [UInt8] = [0x72]
    let key = Ed25519Key.make()
    let signature = key.signature(of: message)
    #expect(key.verifying.isValid(signature, of: message))
    #expect(!key.verifying.isValid(signature, of: [0x73]))
    #expect(!Ed25519Key.make().verifying.isValid(signature, of: message))
    #expect(!key.verifying.isValid(Array(signature.dropLast()), of: message))
    let text = key.verifying.description
    #expect(Ed25519VerifyingKey(text) == key.verifying)
    #expect(Ed25519VerifyingKey("ed25519:AAAA") == nil)
    let again = try #require(key.pem.reveal { Ed25519Key(pem: $0) })
    #expect(again.verifying == key.verifying)
  }
}

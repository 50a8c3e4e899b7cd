import Cryptography
import Testing

/// The examples of FIPS 180-4's companion, NIST "Cryptographic Standards and Guidelines: Example
/// values", SHA-256; the million letters are those of FIPS 180-2, appendix B.3.
@Suite struct SHA256Tests {
  @Test(arguments: [
    ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
    ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
    (
      "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
      "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
    ),
  ])
  func published(_ text: String, _ digest: String) {
    #expect(SHA256.hexadecimal(text.utf8) == digest)
  }

  @Test func partsMakeTheWhole() {
    let hash = SHA256()
    for _ in 0..<1000 {
      [UInt8](repeating: 0x61, count: 1000).withUnsafeBytes { hash.update($0) }
    }
    #expect(
      hash.hexadecimal() == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }
}

import Domain
import Testing

/// Vectors of the FNV authors (`test_fnv.c`, 64-bit FNV-1a).
struct StableHashTests {
  @Test(arguments: [
    ("", "cbf29ce484222325"), ("a", "af63dc4c8601ec8c"), ("foobar", "85944171f73967e8"),
  ])
  func hashesAsPublished(text: String, digits: String) {
    #expect(StableHash(text).digits == digits)
  }
}

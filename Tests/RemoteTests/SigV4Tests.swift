import Domain
import Testing

@testable import Remote

/// The examples of https://docs.aws.amazon.com/AmazonS3/latest/API/sig-v4-header-based-auth.html, with
/// the key that is printed there.
@Suite("Signature Version 4")
struct SigV4Tests {
  struct Example: Sendable {
    var method: String
    var path: String
    var query: [String: String] = [:]
    var headers: [String: String] = [:]
    var payload = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"
    var signature: String
  }

  static let examples = [
    Example(
      method: "GET", path: "/test.txt", headers: ["range": "bytes=0-9"],
      signature: "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41"),
    Example(
      method: "PUT", path: "/test%24file.text",
      headers: [
        "date": "Fri, 24 May 2013 00:00:00 GMT", "x-amz-storage-class": "REDUCED_REDUNDANCY",
      ], payload: "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072",
      signature: "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd"),
    Example(
      method: "GET", path: "/", query: ["lifecycle": ""],
      signature: "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543"),
    Example(
      method: "GET", path: "/", query: ["max-keys": "2", "prefix": "J"],
      signature: "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7"),
  ]

  @Test(arguments: examples.indices) func signsAsTheDocumentDoes(index: Int) throws {
    let example = Self.examples[index]
    let signer = SigV4(
      accessKey: "AKIAIOSFODNN7EXAMPLE",
      secretKey: Secret("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"), region: "us-east-1")
    var headers = example.headers.map { (name: $0.key, value: $0.value) }
    headers += [
      ("host", "examplebucket.s3.amazonaws.com"), ("x-amz-date", "20130524T000000Z"),
      ("x-amz-content-sha256", example.payload),
    ]
    let now = try #require(Instant(rfc3339: "2013-05-24T00:00:00Z"))
    let value = signer.authorization(
      example.method, path: example.path,
      query: example.query.map { (name: $0.key, value: $0.value) }, headers: headers,
      payloadSHA256: example.payload, now: now)
    #expect(value.hasSuffix("Signature=\(example.signature)"))
    #expect(SigV4.time(now) == "20130524T000000Z")
  }

  @Test(
    arguments: [
      ("s3://bucket/a/b", nil, "https://bucket.s3.eu-north-1.amazonaws.com", "/k", "a/b/"),
      ("s3://bucket", nil, "https://bucket.s3.eu-north-1.amazonaws.com", "/k", ""),
      ("s3://my.bucket/", nil, "https://s3.eu-north-1.amazonaws.com", "/my.bucket/k", ""),
      ("s3://bucket/a/", "http://127.0.0.1:9000", "http://127.0.0.1:9000", "/bucket/k", "a/"),
    ] as [(String, String?, String, String, String)])
  func whereABucketAnswers(
    url: String, endpoint: String?, origin: String, path: String, prefix: String
  ) throws {
    let bucket = try #require(S3Bucket(url: url, endpoint: endpoint, region: "eu-north-1"))
    #expect(bucket.origin == origin)
    #expect(bucket.path(of: "k") == path)
    #expect(bucket.prefix == prefix)
    #expect("https://\(bucket.host)" == origin || "http://\(bucket.host)" == origin)
  }

  @Test func whatIsNoBucket() {
    for url in ["s3://", "https://bucket", ""] {
      #expect(S3Bucket(url: url, endpoint: nil, region: "x") == nil, "\(url)")
    }
  }
}

import Cryptography
import Disk
public import Domain
public import Net

/// A bucket of any store that speaks S3: Amazon's, or one of one's own.
///
/// Memory is bounded by one part. Each part tells its SHA-256, which is signed, and its MD5, which comes
/// back as its ETag; the size of the whole is asked for in the end. The ETag of the whole is no hash of
/// it, and is not taken for one.
public struct S3Store: ObjectStore {
  let client: S3Client

  /// Bytes that are sent and fetched at a time, unless a file is so large that there would be too many
  /// parts: S3 takes 10,000.
  static let pieceBytes = 16 << 20
  private static let maximumParts: Int64 = 9000
  /// Pages of a listing that are read at most: a million objects.
  private static let maximumPages = 1000

  /// The store of a bucket; nil where the address is not `s3://BUCKET/PREFIX`.
  public init?(
    url: String, endpoint: String?, region: String, accessKey: String, secretKey: Secret,
    transport: any HTTPTransport, time: any TimeSource
  ) {
    guard let bucket = S3Bucket(url: url, endpoint: endpoint, region: region) else { return nil }
    client = S3Client(
      bucket: bucket, signer: SigV4(accessKey: accessKey, secretKey: secretKey, region: region),
      transport: transport, time: time)
  }

  /// `s3://BUCKET/PREFIX`.
  public var place: String { client.bucket.place }

  /// See `ObjectStore`.
  public func list() async throws -> [StoredObject] {
    var objects: [StoredObject] = []
    var token: String?
    let prefix = client.bucket.prefix
    for _ in 0..<Self.maximumPages {
      var query = [("list-type", "2"), ("prefix", prefix)]
      if let token { query.append(("continuation-token", token)) }
      let call = S3Client.Call(method: "GET", query: query.map { (name: $0.0, value: $0.1) })
      let response = try await client.need(call)
      let text = String(decoding: response.body, as: UTF8.self)[...]
      guard text.contains("<ListBucketResult") else {
        throw client.fault(call, "the answer is no listing", exit: .data)
      }
      for entry in XMLText.all("Contents", in: text) {
        guard let key = XMLText.first("Key", in: entry), key.hasPrefix(prefix),
          let size = XMLText.first("Size", in: entry).flatMap({ Int64($0) })
        else {
          throw client.fault(call, "the listing has an entry without key or size", exit: .data)
        }
        objects.append(StoredObject(name: String(key.dropFirst(prefix.count)), sizeBytes: size))
      }
      guard XMLText.first("IsTruncated", in: text) == "true" else {
        return objects.sorted { $0.name < $1.name }
      }
      token = XMLText.first("NextContinuationToken", in: text)
      guard token != nil else {
        throw client.fault(call, "the listing goes on, and does not say where", exit: .data)
      }
    }
    throw Fault(
      "list", place, cause: "there are more than \(Self.maximumPages) pages of objects",
      remedy: "use a prefix for Carillon alone", exit: .data)
  }

  /// See `ObjectStore`.
  public func size(of name: String) async throws -> Int64? { try await head(name)?.size }

  private func head(_ name: String) async throws -> (size: Int64, etag: String?)? {
    let call = S3Client.Call(method: "HEAD", key: client.bucket.prefix + name)
    switch try await client.answer(to: call) {
    case .done(let response):
      guard let size = response.header("Content-Length").flatMap({ Int64($0) }) else {
        throw client.fault(call, "the answer tells no size", exit: .data)
      }
      return (size, response.header("ETag"))
    case .absent: return nil
    case .denied(let text):
      throw client.fault(
        call, text, remedy: "allow s3:GetObject and s3:ListBucket to the key", exit: .refused)
    case .refused(_, let text): throw client.fault(call, text)
    case .again, .skewed: preconditionFailure("an answer is settled before it is returned")
    }
  }

  /// See `ObjectStore`.
  public func put(_ name: String, _ bytes: [UInt8]) async throws {
    let call = S3Client.Call(
      method: "PUT", key: client.bucket.prefix + name, headers: Self.headers(of: bytes), body: bytes
    )
    try check(try await client.need(call), bytes, call)
    try await expect(name, Int64(bytes.count))
  }

  /// See `ObjectStore`.
  public func put(
    _ name: String, file path: String, notes: String, checkpoint: @Sendable () throws -> Void
  ) async throws {
    let size = try InputFile(path).size()
    if size <= Int64(Self.pieceBytes) {
      try checkpoint()
      try await put(name, try InputFile.contents(path, limit: Self.pieceBytes))
    } else {
      try await upload(name, path, size, notes, checkpoint)
      try await expect(name, size)
    }
    try Folder.clear(FilePath.folder(of: notes)) { $0 == FilePath.name(of: notes) }
  }

  private func expect(_ name: String, _ size: Int64) async throws {
    let found = try await self.size(of: name)
    guard found == size else {
      throw Fault(
        "send", "\(place)/\(name)",
        cause: "\(size) bytes were sent, and the store has \(found.map { "\($0)" } ?? "none")",
        remedy: "it is sent again by the next run", exit: .unavailable, isTransient: true)
    }
  }

  // MARK: - In parts

  private func upload(
    _ name: String, _ path: String, _ size: Int64, _ notes: String,
    _ checkpoint: @Sendable () throws -> Void
  ) async throws {
    let key = client.bucket.prefix + name
    var upload = try S3Upload.read(notes, key: key, size: size)
    for attempt in 1...2 {
      if upload == nil { upload = try await begin(key, size, notes) }
      guard var current = upload else { preconditionFailure("an upload was begun") }
      do {
        try await send(path, &current, notes, checkpoint)
        try await complete(current)
        return
      } catch let fault as Fault where fault.exit == .no {
        // The store has forgotten the upload, or has finished it and its answer was lost.
        if try await self.size(of: name) == size { return }
        guard attempt == 1 else { throw fault }
        upload = nil
      }
    }
  }

  private func begin(_ key: String, _ size: Int64, _ notes: String) async throws -> S3Upload {
    let call = S3Client.Call(
      method: "POST", key: key, query: [("uploads", "")],
      headers: [("content-type", "application/octet-stream")])
    let body = String(decoding: try await client.need(call).body, as: UTF8.self)
    guard let id = XMLText.first("UploadId", in: body[...]), !id.isEmpty else {
      throw client.fault(call, "the answer names no upload", exit: .data)
    }
    let least = (size + Self.maximumParts - 1) / Self.maximumParts
    let upload = S3Upload(
      key: key, id: id, size: size, partSize: max(Int64(Self.pieceBytes), least), etags: [])
    try upload.write(notes)
    return upload
  }

  private func send(
    _ path: String, _ upload: inout S3Upload, _ notes: String,
    _ checkpoint: @Sendable () throws -> Void
  ) async throws {
    while Int64(upload.etags.count) * upload.partSize < upload.size {
      try checkpoint()
      let start = Int64(upload.etags.count) * upload.partSize
      let bytes = try InputFile.part(
        of: path, from: start, count: Int(min(upload.partSize, upload.size - start)))
      let call = S3Client.Call(
        method: "PUT", key: upload.key,
        query: [("partNumber", "\(upload.etags.count + 1)"), ("uploadId", upload.id)],
        headers: Self.headers(of: bytes), body: bytes)
      let response = try await settled(call)
      try check(response, bytes, call)
      guard let etag = response.header("ETag") else {
        throw client.fault(call, "the store gave the part no ETag", exit: .data)
      }
      upload.etags.append(etag)
      try upload.write(notes)
    }
  }

  private func complete(_ upload: S3Upload) async throws {
    let parts = upload.etags.enumerated().map { index, etag in
      "<Part><PartNumber>\(index + 1)</PartNumber><ETag>\(etag)</ETag></Part>"
    }
    let body = "<CompleteMultipartUpload>\(parts.joined())</CompleteMultipartUpload>"
    _ = try await settled(
      S3Client.Call(
        method: "POST", key: upload.key, query: [("uploadId", upload.id)],
        headers: [("content-type", "application/xml")], body: Array(body.utf8)))
  }

  /// As `need`, but an upload that the store does not know is told by exit code 1.
  private func settled(_ call: S3Client.Call) async throws -> HTTPResponse {
    switch try await client.answer(to: call) {
    case .done(let response): return response
    case .absent: throw client.fault(call, "the store has forgotten the upload", exit: .no)
    case .refused(let code, let text):
      let isForgotten = ["NoSuchUpload", "InvalidPart", "InvalidPartOrder"].contains(code)
      throw client.fault(call, text, exit: isForgotten ? .no : .unavailable)
    case .denied(let text):
      throw client.fault(
        call, text, remedy: "check the key and what its policy allows", exit: .refused)
    case .again, .skewed: preconditionFailure("an answer is settled before it is returned")
    }
  }

  /// Gives up the parts of an upload that will not be finished.
  public func abandon(notes: String) async throws {
    guard let upload = try S3Upload.read(notes) else { return }
    _ = try await client.answer(
      to: S3Client.Call(method: "DELETE", key: upload.key, query: [("uploadId", upload.id)]))
  }

  private static func headers(of bytes: [UInt8]) -> [(name: String, value: String)] {
    [
      ("content-type", "application/octet-stream"), ("content-md5", Base64.text(MD5.hash(bytes))),
    ]
  }

  /// Where an ETag looks like a hash, it must be that of what was sent; a store that encrypts with a key
  /// of its own gives another kind.
  private func check(
    _ response: HTTPResponse, _ bytes: [UInt8], _ call: S3Client.Call
  ) throws(Fault) {
    guard response.header("x-amz-server-side-encryption")?.hasPrefix("aws:kms") != true,
      let etag = response.header("ETag")?.filter({ $0 != "\"" }).lowercased(), etag.count == 32,
      etag.allSatisfy(\.isHexDigit)
    else { return }
    guard etag == Hexadecimal.text(MD5.hash(bytes)) else {
      throw client.fault(
        call, "what arrived is not what was sent (its MD5 differs)",
        remedy: "it is sent again by the next run", isTransient: true)
    }
  }

  // MARK: - Reading and removing

  /// See `ObjectStore`.
  public func read(_ name: String, take: (UnsafeRawBufferPointer) throws -> Void) async throws {
    guard let (size, etag) = try await head(name) else {
      throw Fault(
        "fetch", "\(place)/\(name)", cause: "there is no such object",
        remedy: "carillon snapshot list --remote", exit: .noInput)
    }
    var start: Int64 = 0
    while start < size {
      let end = min(start + Int64(Self.pieceBytes), size)
      var headers: [(name: String, value: String)] = [("range", "bytes=\(start)-\(end - 1)")]
      if let etag { headers.append(("if-match", etag)) }
      let call = S3Client.Call(
        method: "GET", key: client.bucket.prefix + name, headers: headers)
      let body = try await client.need(call).body
      guard Int64(body.count) == end - start else {
        throw client.fault(
          call, "\(body.count) bytes came where \(end - start) were asked for", exit: .data)
      }
      try body.withUnsafeBytes { try take($0) }
      start = end
    }
  }

  /// See `ObjectStore`.
  public func remove(_ name: String) async throws -> Bool {
    let call = S3Client.Call(method: "DELETE", key: client.bucket.prefix + name)
    switch try await client.answer(to: call) {
    case .done, .absent: return true
    case .denied: return false
    // A lock on objects is answered in several ways.
    case .refused: return false
    case .again, .skewed: preconditionFailure("an answer is settled before it is returned")
    }
  }
}

import SparseCoding
import Testing

@testable import TensorFiles

@Suite("SHA-256") struct SHA256Tests {
  @Test(
    "the published examples",
    arguments: [
      ("", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"),
      ("abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"),
      (
        "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
        "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1"
      ),
    ])
  func published(text: String, digest: String) {
    #expect(SHA256.digest(of: Array(text.utf8)) == digest)
  }

  @Test("the processor's instructions and the obvious loops agree", arguments: [0, 1, 2, 7])
  func twins(blocks: Int) {
    var stream = RandomStream(seed: UInt64(blocks), name: "bytes")
    let bytes = (0..<64 * blocks).map { _ in UInt8(stream.index(below: 256)) }
    let start: SIMD8<UInt32> = [1, 2, 3, 4, 0xffff_ffff, 6, 7, 8]
    bytes.withUnsafeBytes { bytes in
      var state = start
      if ProcessorDigest.take(bytes, into: &state) {
        #expect(state == compressed(start, bytes))
      } else {
        #expect(state == start)
      }
    }
  }

  @Test("a million times the letter a")
  func million() {
    #expect(
      SHA256.digest(of: [UInt8](repeating: 0x61, count: 1_000_000))
        == "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0")
  }

  // Python: hashlib.sha256("".join(hashlib.sha256(bytes(range(n))).hexdigest() for n in
  // range(200)).encode()).hexdigest()
  @Test("every length around the block sizes")
  func lengths() {
    let all = (0..<200).map { SHA256.digest(of: (0..<UInt8($0)).map { $0 }) }.joined()
    #expect(
      SHA256.digest(of: Array(all.utf8))
        == "7a38a844c9e159de39f0862ee2e28569a8250831150a3fbf0a59c001129b2fb2")
  }

  @Test("the pieces in which bytes arrive do not matter")
  func pieces() throws {
    let bytes = (0..<1000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    for step in [1, 3, 63, 64, 65, 128, 999] {
      var digest = SHA256()
      for start in stride(from: 0, to: bytes.count, by: step) {
        digest.update(Array(bytes[start..<min(start + step, bytes.count)]))
        _ = digest.finish()
      }
      #expect(digest.finish() == SHA256.digest(of: bytes))
    }
    let work = Workspace()
    #expect(try SHA256.digest(ofFile: work.write(bytes)) == SHA256.digest(of: bytes))
  }
}

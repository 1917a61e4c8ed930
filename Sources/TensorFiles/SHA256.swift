import SparseCoding

/// The SHA-256 digest of bytes that arrive in any number of pieces.
///
///     var digest = SHA256()
///     digest.update([1, 2, 3])
///     digest.update(values.span.bytes)
///     let text = digest.finish()
///
/// It finds damage and names data; nothing here is a secret. Source: FIPS 180-4, section 6.2.
/// Elsewhere: `sha256sum` and Python's `hashlib.sha256(...).hexdigest()` (same).
public struct SHA256: Sendable {
  private var state: SIMD8<UInt32> = [
    0x6a09_e667, 0xbb67_ae85, 0x3c6e_f372, 0xa54f_f53a,
    0x510e_527f, 0x9b05_688c, 0x1f83_d9ab, 0x5be0_cd19,
  ]
  private var pending: [UInt8] = []
  private var count: UInt64 = 0

  /// The digest of nothing yet.
  public init() { pending.reserveCapacity(64) }

  /// Takes in the bytes that follow.
  public mutating func update(_ bytes: RawSpan) {
    bytes.withUnsafeBytes { update($0) }
  }

  /// Takes in the bytes that follow.
  public mutating func update(_ bytes: [UInt8]) { update(bytes.span.bytes) }

  mutating func update(_ bytes: UnsafeRawBufferPointer) {
    count &+= UInt64(bytes.count)
    var position = 0
    if !pending.isEmpty {
      position = min(64 - pending.count, bytes.count)
      pending.append(contentsOf: bytes[..<position])
      guard pending.count == 64 else { return }
      pending.withUnsafeBytes { take($0) }
      pending.removeAll(keepingCapacity: true)
    }
    let end = bytes.count - (bytes.count - position) % 64
    take(UnsafeRawBufferPointer(rebasing: bytes[position..<end]))
    pending.append(contentsOf: bytes[end...])
  }

  private mutating func take(_ blocks: UnsafeRawBufferPointer) {
    if !ProcessorDigest.take(blocks, into: &state) { state = compressed(state, blocks) }
  }

  /// The digest of all bytes so far, as 64 lower-case hexadecimal digits.
  public func finish() -> String {
    var last = self
    let zeros = (119 - last.pending.count) % 64
    var tail: [UInt8] = [0x80] + [UInt8](repeating: 0, count: zeros)
    let bits = count &* 8
    for shift in stride(from: 56, through: 0, by: -8) {
      tail.append(UInt8(truncatingIfNeeded: bits >> UInt64(shift)))
    }
    last.update(tail)
    return (0..<8).map { word in
      let digits = String(last.state[word], radix: 16)
      return String(repeating: "0", count: 8 - digits.count) + digits
    }.joined()
  }

  /// The digest of some bytes, as 64 lower-case hexadecimal digits.
  public static func digest(of bytes: [UInt8]) -> String {
    var digest = SHA256()
    digest.update(bytes)
    return digest.finish()
  }

  /// The digest of a file, as `sha256sum` prints it.
  public static func digest(ofFile path: String) throws(TensorFileError) -> String {
    try ReadableFile(path).digest()
  }
}

/// The state after whole blocks of 64 bytes, on any processor.
func compressed(_ start: SIMD8<UInt32>, _ bytes: UnsafeRawBufferPointer) -> SIMD8<UInt32> {
  var state = start
  withUnsafeTemporaryAllocation(of: UInt32.self, capacity: 64) { w in
    roundConstants.withUnsafeBufferPointer { k in
      for block in stride(from: 0, to: bytes.count, by: 64) {
        for t in 0..<16 {
          w[t] = bytes.loadUnaligned(fromByteOffset: block + 4 * t, as: UInt32.self).bigEndian
        }
        for t in 16..<64 { w[t] = w[t - 16] &+ small0(w[t - 15]) &+ w[t - 7] &+ small1(w[t - 2]) }
        var (a, b, c, d) = (state[0], state[1], state[2], state[3])
        var (e, f, g, h) = (state[4], state[5], state[6], state[7])
        // Eight rounds bring every letter back to its place, so that none is moved.
        for t in stride(from: 0, to: 64, by: 8) {
          round(a, b, c, &d, e, f, g, &h, k[t] &+ w[t])
          round(h, a, b, &c, d, e, f, &g, k[t + 1] &+ w[t + 1])
          round(g, h, a, &b, c, d, e, &f, k[t + 2] &+ w[t + 2])
          round(f, g, h, &a, b, c, d, &e, k[t + 3] &+ w[t + 3])
          round(e, f, g, &h, a, b, c, &d, k[t + 4] &+ w[t + 4])
          round(d, e, f, &g, h, a, b, &c, k[t + 5] &+ w[t + 5])
          round(c, d, e, &f, g, h, a, &b, k[t + 6] &+ w[t + 6])
          round(b, c, d, &e, f, g, h, &a, k[t + 7] &+ w[t + 7])
        }
        state = state &+ SIMD8(a, b, c, d, e, f, g, h)
      }
    }
  }
  return state
}

@inline(__always)
private func round(
  _ a: UInt32, _ b: UInt32, _ c: UInt32, _ d: inout UInt32, _ e: UInt32, _ f: UInt32,
  _ g: UInt32, _ h: inout UInt32, _ input: UInt32
) {
  let large1 = rotated(e, 6) ^ rotated(e, 11) ^ rotated(e, 25)
  let choice = g ^ (e & (f ^ g))
  h = h &+ large1 &+ choice &+ input
  d = d &+ h
  let large0 = rotated(a, 2) ^ rotated(a, 13) ^ rotated(a, 22)
  let majority = (a & b) | (c & (a | b))
  h = h &+ large0 &+ majority
}

@inline(__always)
private func small0(_ x: UInt32) -> UInt32 { rotated(x, 7) ^ rotated(x, 18) ^ (x &>> 3) }

@inline(__always)
private func small1(_ x: UInt32) -> UInt32 { rotated(x, 17) ^ rotated(x, 19) ^ (x &>> 10) }

@inline(__always)
private func rotated(_ x: UInt32, _ bits: UInt32) -> UInt32 {
  (x &>> bits) | (x &<< (32 &- bits))
}

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
private let roundConstants: [UInt32] = [
  0x428a_2f98, 0x7137_4491, 0xb5c0_fbcf, 0xe9b5_dba5, 0x3956_c25b, 0x59f1_11f1, 0x923f_82a4,
  0xab1c_5ed5, 0xd807_aa98, 0x1283_5b01, 0x2431_85be, 0x550c_7dc3, 0x72be_5d74, 0x80de_b1fe,
  0x9bdc_06a7, 0xc19b_f174, 0xe49b_69c1, 0xefbe_4786, 0x0fc1_9dc6, 0x240c_a1cc, 0x2de9_2c6f,
  0x4a74_84aa, 0x5cb0_a9dc, 0x76f9_88da, 0x983e_5152, 0xa831_c66d, 0xb003_27c8, 0xbf59_7fc7,
  0xc6e0_0bf3, 0xd5a7_9147, 0x06ca_6351, 0x1429_2967, 0x27b7_0a85, 0x2e1b_2138, 0x4d2c_6dfc,
  0x5338_0d13, 0x650a_7354, 0x766a_0abb, 0x81c2_c92e, 0x9272_2c85, 0xa2bf_e8a1, 0xa81a_664b,
  0xc24b_8b70, 0xc76c_51a3, 0xd192_e819, 0xd699_0624, 0xf40e_3585, 0x106a_a070, 0x19a4_c116,
  0x1e37_6c08, 0x2748_774c, 0x34b0_bcb5, 0x391c_0cb3, 0x4ed8_aa4a, 0x5b9c_ca4f, 0x682e_6ff3,
  0x748f_82ee, 0x78a5_636f, 0x84c8_7814, 0x8cc7_0208, 0x90be_fffa, 0xa450_6ceb, 0xbef9_a3f7,
  0xc671_78f2,
]

import CSparseKernels

/// A named stream of random numbers: number `i` is a pure function of (seed, name, i).
///
/// The numbers are the same on every machine, and streams of different names are independent, so a
/// change in how many numbers one purpose draws moves no other. Source: Philox 4x32-10 (Salmon et
/// al., SC 2011); Gaussians by Box and Muller, two from the uniforms of two numbers: draw uniforms and
/// Gaussians that shall be independent from streams of different names.
public struct RandomStream: Sendable, Hashable {
  private let key: UInt64
  private var position: UInt64 = 0

  /// The stream of a seed and a name, from its beginning.
  public init(seed: UInt64, name: String) {
    // FNV-1a of the name, then one round of SplitMix64 over both.
    var hash: UInt64 = 0xcbf2_9ce4_8422_2325
    for byte in name.utf8 { hash = (hash ^ UInt64(byte)) &* 0x0000_0100_0000_01b3 }
    var mixed = seed &+ hash &* 0x9e37_79b9_7f4a_7c15
    mixed = (mixed ^ mixed >> 30) &* 0xbf58_476d_1ce4_e5b9
    mixed = (mixed ^ mixed >> 27) &* 0x94d0_49bb_1331_11eb
    key = mixed ^ mixed >> 31
  }

  /// The stream from its number `count` on.
  public func dropping(_ count: Int) -> RandomStream {
    var later = self
    later.position += UInt64(count)
    return later
  }

  /// The next number, uniform in [0, 1), of 53 bits.
  public mutating func uniform() -> Double { uniforms(count: 1)[0] }

  /// The next number, standard normal.
  public mutating func gaussian() -> Double { Double(gaussians(count: 1)[0]) }

  /// The next whole number, uniform in `0..<bound`.
  ///
  /// - Precondition: `bound` is positive and below 2^32, where the bias is below 2^-21.
  public mutating func index(below bound: Int) -> Int {
    precondition(bound > 0 && bound < 1 << 32, "no index below \(bound)")
    return Int(uniform() * Double(bound))
  }

  /// The next `count` numbers, uniform in [0, 1).
  public mutating func uniforms(count: Int) -> [Double] {
    defer { position += UInt64(count) }
    return [Double](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 {
        KernelSet.best.functions.pointee.uniforms(key, position, count, buffer.baseAddress)
      }
      initialized = count
    }
  }

  /// The next `count` numbers, standard normal.
  public mutating func gaussians(count: Int) -> [Float] {
    defer { position += UInt64(count) }
    return [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
      if count > 0 {
        KernelSet.best.functions.pointee.gaussians(key, position, count, buffer.baseAddress)
      }
      initialized = count
    }
  }

  /// The numbers below `count` in random order, every order as likely (Fisher and Yates).
  public mutating func permutation(count: Int) -> [Int] {
    var order = Array(0..<count)
    guard count > 1 else { return order }
    let draws = uniforms(count: count - 1)
    for last in stride(from: count - 1, to: 0, by: -1) {
      order.swapAt(last, Int(draws[count - 1 - last] * Double(last + 1)))
    }
    return order
  }
}

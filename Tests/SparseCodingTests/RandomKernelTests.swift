import CSparseKernels
import SparseCoding
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Uniform and Gaussian numbers of a key and a counter.
@Suite struct RandomKernelTests {
  static func uniforms(_ set: KernelSet, key: UInt64, from counter: UInt64, count: Int) -> [Double]
  {
    var out = [Double](repeating: 7, count: count + 4)
    set.table.uniforms(key, counter, count, &out)
    #expect(out.suffix(4).allSatisfy { $0 == 7 })
    return Array(out.prefix(count))
  }

  static func gaussians(_ set: KernelSet, key: UInt64, from counter: UInt64, count: Int) -> [Float]
  {
    var out = [Float](repeating: 70, count: count + 4)
    set.table.gaussians(key, counter, count, &out)
    #expect(out.suffix(4).allSatisfy { $0 == 70 })
    return Array(out.prefix(count))
  }

  /// The answer that the generator's authors publish for key 0 and counter 0.
  @Test(arguments: KernelSet.available)
  func philoxGivesItsKnownAnswer(set: KernelSet) {
    let words: [UInt64] = [0x6627_e8d5_e169_c58d, 0xbc57_ac4c_9b00_dbd8]
    let found = Self.uniforms(set, key: 0, from: 0, count: 2)
    #expect(found == words.map { Double($0 >> 11) * 0x1p-53 })
  }

  /// Even numbers are r cos(2 pi v) and odd ones r sin(2 pi v) of the same pair of uniforms.
  @Test(arguments: KernelSet.available)
  func gaussiansAreBoxAndMullers(set: KernelSet) {
    let pairs = Self.uniforms(set, key: 9, from: 0, count: 400)
    let found = Self.gaussians(set, key: 9, from: 0, count: 400)
    for pair in 0..<200 {
      let radius = (-2 * log(1 - pairs[2 * pair])).squareRoot()
      let angle = 2 * Double.pi * pairs[2 * pair + 1]
      #expect(abs(Double(found[2 * pair]) - radius * cos(angle)) < 3e-7)
      #expect(abs(Double(found[2 * pair + 1]) - radius * sin(angle)) < 3e-7)
    }
  }

  @Test(arguments: KernelSet.available)
  func aNumberDependsOnItsCounterOnly(set: KernelSet) {
    for start in [0, 1, 2, 1 << 33, UInt64.max / 2 - 20] {
      let uniforms = Self.uniforms(.plain, key: 5, from: start, count: 40)
      let gaussians = Self.gaussians(.plain, key: 5, from: start, count: 40)
      for split in [0, 1, 2, 3, 17, 39, 40] {
        let second = start + UInt64(split)
        let joinedUniforms =
          Self.uniforms(set, key: 5, from: start, count: split)
          + Self.uniforms(set, key: 5, from: second, count: 40 - split)
        #expect(joinedUniforms == uniforms, "\(start) \(split)")
        let joinedGaussians =
          Self.gaussians(set, key: 5, from: start, count: split)
          + Self.gaussians(set, key: 5, from: second, count: 40 - split)
        #expect(bits(joinedGaussians) == bits(gaussians), "\(start) \(split)")
      }
    }
  }

  /// Moments within four standard errors, and the Kolmogorov-Smirnov distance below its one in a
  /// thousand, 1.95 / sqrt(n).
  @Test func uniformsAreUniform() {
    let n = 200_000
    let numbers = Self.uniforms(.best, key: 1, from: 0, count: n).sorted()
    #expect(numbers[0] >= 0 && numbers[n - 1] < 1)
    let mean = numbers.reduce(0, +) / Double(n)
    #expect(abs(mean - 0.5) < 4 * (1.0 / 12 / Double(n)).squareRoot())
    let distance = numbers.indices.map { abs(numbers[$0] - (Double($0) + 0.5) / Double(n)) }.max()
    #expect((distance ?? 1) < 1.95 / Double(n).squareRoot())
  }

  @Test func gaussiansAreNormal() {
    let n = 200_000
    let numbers = Self.gaussians(.best, key: 2, from: 0, count: n).map(Double.init).sorted()
    func moment(_ power: Double) -> Double {
      numbers.reduce(0) { $0 + pow($1, power) } / Double(n)
    }
    let error = 4 / Double(n).squareRoot()
    #expect(abs(moment(1)) < error)
    #expect(abs(moment(2) - 1) < error * 2.0.squareRoot())
    #expect(abs(moment(3)) < error * 15.0.squareRoot())
    #expect(abs(moment(4) - 3) < error * 96.0.squareRoot())
    let distance = numbers.indices.map {
      abs(erfc(-numbers[$0] / 2.0.squareRoot()) / 2 - (Double($0) + 0.5) / Double(n))
    }.max()
    #expect((distance ?? 1) < 1.95 / Double(n).squareRoot())
    // 63 in a million lie beyond four deviations, on either side half of them.
    let tails = (numbers.filter { $0 < -4 }.count, numbers.filter { $0 > 4 }.count)
    #expect((1...16).contains(tails.0) && (1...16).contains(tails.1), "\(tails)")
  }

  @Test func neighborsAndKeysAreUncorrelated() {
    let n = 100_000
    let a = Self.gaussians(.best, key: 3, from: 0, count: n + 1)
    let b = Self.gaussians(.best, key: 4, from: 0, count: n)
    func correlation(_ a: ArraySlice<Float>, _ b: ArraySlice<Float>) -> Double {
      zip(a, b).reduce(0) { $0 + Double($1.0) * Double($1.1) } / Double(n)
    }
    let limit = 4 / Double(n).squareRoot()
    #expect(abs(correlation(a[..<n], a[1...])) < limit)
    #expect(abs(correlation(a[..<n], b[...])) < limit)
  }
}

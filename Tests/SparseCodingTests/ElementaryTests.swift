import SparseCoding
import Testing

#if canImport(Glibc)
  import Glibc
#elseif canImport(Musl)
  import Musl
#elseif canImport(Darwin)
  import Darwin
#endif

/// Our elementary functions against the C library's, to 4e-16 relative.
@Suite struct ElementaryTests {
  static let limit = 4e-16

  static func random(_ draw: inout Draw, _ range: ClosedRange<Double>) -> Double {
    range.lowerBound + (range.upperBound - range.lowerBound) * Double(draw.word() >> 11) * 0x1p-53
  }

  static func relativeError(_ found: Double, _ exact: Double) -> Double {
    found == exact ? 0 : abs(found - exact) / abs(exact)
  }

  @Test(arguments: [-708.3...709.7, -1...1, -1e-8...1e-8, 700...709.7, -708.3 ... -700])
  func expAgrees(range: ClosedRange<Double>) {
    var draw = Draw(70)
    var worst = (error: 0.0, at: 0.0)
    for x in [range.lowerBound, range.upperBound]
      + (0..<20_000).map({ _ in Self.random(&draw, range) })
    {
      let error = Self.relativeError(Elementary.exp(x), exp(x))
      if error > worst.error { worst = (error, x) }
    }
    #expect(worst.error < Self.limit, "at \(worst.at)")
  }

  @Test func expAtItsEdges() {
    #expect(Elementary.exp(0) == 1 && Elementary.exp(-0.0) == 1)
    #expect(Elementary.exp(709.8) == .infinity && Elementary.exp(.infinity) == .infinity)
    #expect(Elementary.exp(-708.4) == 0 && Elementary.exp(-.infinity) == 0)
    #expect(Elementary.exp(.nan).isNaN)
    // The greatest arguments give finite numbers; 2^1023.5 is exp(709.436).
    #expect(Elementary.exp(709.5).isFinite && Elementary.exp(709.7).isFinite)
  }

  @Test func logAgreesOverAllMagnitudes() {
    var draw = Draw(71)
    var worst = (error: 0.0, at: 0.0)
    for _ in 0..<40_000 {
      let x = Double(bitPattern: draw.word() >> 1)
      guard x.isFinite, x > 0, x < 0.9 || x > 1.1 else { continue }
      let error = Self.relativeError(Elementary.log(x), log(x))
      if error > worst.error { worst = (error, x) }
    }
    #expect(worst.error < Self.limit, "at \(worst.at)")
  }

  @Test(arguments: [0.5...2, 0.9...1.1, 1 - 1e-9...1 + 1e-9, 1.41...1.42, 1e-16...1])
  func logAgreesNearOne(range: ClosedRange<Double>) {
    var draw = Draw(72)
    var worst = (error: 0.0, at: 0.0)
    for _ in 0..<20_000 {
      let x = Self.random(&draw, range)
      let exact = log(x)
      let error = abs(Elementary.log(x) - exact) / max(abs(exact), 1)
      if error > worst.error { worst = (error, x) }
    }
    #expect(worst.error < Self.limit, "at \(worst.at)")
  }

  @Test func logAtItsEdges() {
    #expect(Elementary.log(1) == 0)
    #expect(Elementary.log(0) == -.infinity && Elementary.log(-0.0) == -.infinity)
    #expect(Elementary.log(.infinity) == .infinity)
    #expect(Elementary.log(-1).isNaN && Elementary.log(.nan).isNaN)
    for x in [0x1p-1074, 0x1p-1022, 0x1.fffffffffffffp1023, 1.0.nextUp, 1.0.nextDown] {
      #expect(Self.relativeError(Elementary.log(x), log(x)) < Self.limit, "\(x)")
    }
  }

  /// sin and cos of 2 pi r from the product 2 pi r as two numbers; their own error is below 2.3e-16.
  static func exactSineAndCosine(turns: Double) -> (Double, Double) {
    let quarter = (4 * turns).rounded()
    let r = turns - quarter / 4
    let high = 2 * Double.pi * r
    let low = (-high).addingProduct(2 * Double.pi, r) + 0x1.1a62633145c07p-52 * r
    let (s, c) = (sin(high) + low * cos(high), cos(high) - low * sin(high))
    switch Int(quarter.truncatingRemainder(dividingBy: 4) + 4) % 4 {
    case 0: return (s, c)
    case 1: return (c, -s)
    case 2: return (-s, -c)
    default: return (-c, s)
    }
  }

  @Test(arguments: [
    0...1, -1e-6...1e-6, 0.25 - 1e-9...0.25 + 1e-9, 0.75 - 1e-12...0.75 + 1e-12,
    0.5 - 1e-15...0.5 + 1e-15, -100...100, 0x1p39...0x1p40,
  ])
  func sineAndCosineAgree(range: ClosedRange<Double>) {
    var draw = Draw(73)
    var worst = (error: 0.0, at: 0.0)
    for turns in [range.lowerBound, range.upperBound]
      + (0..<10_000).map({ _ in Self.random(&draw, range) })
    {
      let exact = Self.exactSineAndCosine(turns: turns)
      let error = max(
        Self.relativeError(Elementary.sine(turns: turns), exact.0),
        Self.relativeError(Elementary.cosine(turns: turns), exact.1))
      if error > worst.error { worst = (error, turns) }
    }
    #expect(worst.error < Self.limit + 2.3e-16, "at \(worst.at)")
  }

  @Test(arguments: [0, 1, 5, -3, 0x1p40])
  func quarterTurnsAreExact(whole: Double) {
    for (quarter, sine, cosine) in [(0.0, 0.0, 1.0), (0.25, 1, 0), (0.5, 0, -1), (0.75, -1, 0)] {
      #expect(Elementary.sine(turns: whole + quarter) == sine)
      #expect(Elementary.cosine(turns: whole + quarter) == cosine)
    }
    let eighth = 0.5.squareRoot()
    #expect(Self.relativeError(Elementary.sine(turns: whole + 0.125), eighth) < Self.limit)
    #expect(Self.relativeError(Elementary.cosine(turns: whole + 0.125), eighth) < Self.limit)
  }
}

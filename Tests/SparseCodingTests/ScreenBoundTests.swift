import CSparseKernels
import SparseCoding
import Testing

/// The screen's distance from the canonical scores stays within the bound that `choose.h` proves.
///
///     |screen - canonical| <= E = 1.01 (width + width / 16 + 16) 2^-24 |(x, 1)| |(w, bias)|
@Suite struct ScreenBoundTests {
  /// Both scores of a row and a latent, and E by the bounds that the kernel is given.
  static func scores(_ x: [Float], _ w: [Float], _ bias: Float) -> (
    screen: Float, canonical: Float, error: Float
  ) {
    let width = x.count
    let norm = elute_row_bound(canonicalDot(x, x))
    let bound = elute_latent_bound(canonicalDot(w, w), bias)
    let error = 1.01 * Float(width + width / 16 + 16) * 0x1p-24 * bound * norm
    return (chainedDot(x, w) + bias, canonicalDot(x, w) + bias, error)
  }

  @Test(arguments: Numbers.allCases)
  func randomVectors(kind: Numbers) {
    var draw = Draw(60)
    for width in awkwardWidths + [1024] {
      for round in 0..<20 {
        let x = draw.floats(width, kind)
        let w = draw.floats(width, round % 2 == 0 ? kind : .ordinary)
        let score = Self.scores(x, w, draw.float(round % 3 == 0 ? .zero : .ordinary))
        guard score.screen.isFinite, score.canonical.isFinite else { continue }
        #expect(abs(score.screen - score.canonical) <= score.error, "\(width) \(kind)")
      }
    }
  }

  /// Products that are all positive, so that sums grow and round at every step, and products that
  /// cancel to nothing; how near they come to the bound says that it is not empty.
  @Test func adversarialVectors() {
    var draw = Draw(61)
    var nearest: Float = 0
    for width in [2, 3, 16, 17, 33, 64, 129, 384, 2048] {
      for round in 0..<40 {
        var x = draw.floats(width).map { abs($0) }
        var w = draw.floats(width).map { abs($0) }
        switch round % 4 {
        case 0: break
        case 1:  // One product, then products just above half a rounding of it: all round up.
          x = [1024] + [Float](repeating: 0x1p-2, count: width - 1)
          w = [1] + [Float](repeating: 0x1p-12 * (1 + 0x1p-10), count: width - 1)
        case 2:  // Great products that cancel, with small ones between.
          for i in x.indices { x[i] *= i % 2 == 0 ? 1 : -1 }
          w = w.map { 1 + $0 * 0x1p-12 }
        default:  // Falling powers of two.
          for i in x.indices {
            x[i] = Float(sign: .plus, exponent: -(i % 24), significand: 1 + x[i] / 2)
          }
        }
        let score = Self.scores(x, w, round % 8 < 4 ? 0 : draw.float())
        let share = abs(score.screen - score.canonical) / score.error
        #expect(share <= 1, "\(width) \(round)")
        nearest = max(nearest, share)
      }
    }
    #expect(nearest > 0.5, "\(nearest)")
  }

  /// The norms' own roundings are part of the factor 1.01.
  @Test func theBoundsOfTheNormsHold() {
    var draw = Draw(62)
    for width in awkwardWidths + [4096] {
      for kind in [Numbers.ordinary, .tiny, .denormal, .tied] {
        let x = draw.floats(width, kind)
        let bias = draw.float(kind)
        let squared = x.reduce(0) { $0 + Double($1) * Double($1) }
        let row = Double(elute_row_bound(canonicalDot(x, x)))
        let latent = Double(elute_latent_bound(canonicalDot(x, x), bias))
        #expect(row >= (squared + 1).squareRoot() && row <= (squared + 1).squareRoot() * 1.00001)
        let exact = (squared + Double(bias) * Double(bias)).squareRoot()
        #expect(latent >= exact && latent <= exact * 1.00001 + 1e-18)
      }
    }
  }
}

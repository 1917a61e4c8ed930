import CSparseKernels
import SparseCoding
import Testing

/// Projection, Adam and normalization.
@Suite struct UpdateKernelTests {
  static let constants = EluteAdam(
    beta1: 0.9, beta2: 0.999, complement1: 0.1, complement2: 0.001, rate: 0.003, correction: 1.4,
    epsilon: 1e-8)

  @Test(arguments: KernelSet.available)
  func projectSubtractsTheCanonicalComponent(set: KernelSet) {
    RowKernelTests.forEachCase(Numbers.bounded) { width, _, kind, draw in
      let gradient = draw.floats(width, kind)
      let atom = draw.rows(1, width: width, kind)
      let along = canonicalDot(gradient, atom.prefix(width))
      let found = written(gradient) { set.table.project($0, atom, width) }
      let expected = zip(gradient, atom).map { $0.addingProduct(-along, $1) }
      #expect(found == bits(expected), "\(width) \(kind)")
    }
  }

  @Test(arguments: KernelSet.available)
  func whatProjectLeavesIsOrthogonalToAUnitAtom(set: KernelSet) {
    var draw = Draw(20)
    for width in awkwardWidths where width > 1 {
      var atom = draw.rows(1, width: width)
      set.table.normalize(&atom, width)
      var gradient = draw.rows(1, width: width)
      set.table.project(&gradient, atom, width)
      let along = zip(gradient, atom).reduce(0) { $0 + Double($1.0) * Double($1.1) }
      let length = gradient.reduce(0) { $0 + Double($1) * Double($1) }.squareRoot()
      #expect(abs(along) < 1e-6 * length + 1e-7, "\(width): \(along) of \(length)")
    }
  }

  /// The float formula in its stated order, one rounding each.
  static func step(_ a: EluteAdam, _ w: Float, _ m: Float, _ v: Float, _ g: Float) -> [Float] {
    func flushed(_ moment: Float) -> Float { abs(moment) >= 0x1p-100 ? moment : 0 }
    let fresh = a.complement1 * g
    let square = g * g
    let added = a.complement2 * square
    let first = flushed(fresh.addingProduct(a.beta1, m))
    let second = flushed(added.addingProduct(a.beta2, v))
    let denominator = a.epsilon.addingProduct(second.squareRoot(), a.correction)
    return [w.addingProduct(-a.rate, first / denominator), first, second]
  }

  /// m = beta m + (1 - beta) g, and a step of the rate against its sign.
  @Test(arguments: KernelSet.available)
  func signumStepsAgainstTheSignOfTheMoment(set: KernelSet) {
    let (beta, rate): (Float, Float) = (0.9, 0.003)
    RowKernelTests.forEachCase { width, _, kind, draw in
      let w = draw.floats(width, kind)
      let m = draw.rows(1, width: width, kind)
      let g = draw.rows(1, width: width, kind)
      var first = m
      let weights = written(w) { set.table.signum(beta, rate, $0, &first, g, width) }
      let moments = (0..<width).map { i in
        let fresh = ((1 - beta) * g[i]).addingProduct(beta, m[i])
        return abs(fresh) >= 0x1p-100 ? fresh : 0
      }
      let expected = zip(w, moments).map { $1 > 0 ? $0 - rate : $1 < 0 ? $0 + rate : $0 }
      #expect(bits(first.prefix(width)) == bits(moments), "\(width) \(kind)")
      #expect(weights == bits(expected), "\(width) \(kind)")
    }
  }

  @Test(arguments: KernelSet.available)
  func adamIsElementwiseInTheStatedOrder(set: KernelSet) {
    RowKernelTests.forEachCase { width, _, kind, draw in
      let w = draw.floats(width, kind)
      let m = draw.rows(1, width: width, kind)
      let v = draw.rows(1, width: width, kind).map { abs($0) }
      let g = draw.rows(1, width: width, kind)
      var (first, second, constants) = (m, v, Self.constants)
      let weights = written(w) { set.table.adam(&constants, $0, &first, &second, g, width) }
      let expected = (0..<width).map { Self.step(constants, w[$0], m[$0], v[$0], g[$0]) }
      #expect(weights == bits(expected.map { $0[0] }), "\(width) \(kind)")
      #expect(bits(first.prefix(width)) == bits(expected.map { $0[1] }), "\(width) \(kind)")
      #expect(bits(second.prefix(width)) == bits(expected.map { $0[2] }), "\(width) \(kind)")
    }
  }

  /// Twenty steps of the textbook's algorithm in `Double`, bias corrections and all.
  @Test(arguments: KernelSet.available)
  func adamIsTheTextbooks(set: KernelSet) {
    let (beta1, beta2, rate, epsilon) = (0.9, 0.999, 0.01, 1e-8)
    var draw = Draw(21)
    var weights = draw.rows(1, width: 40)
    var first = [Float](repeating: 0, count: 48)
    var second = first
    var exact = weights.map { (w: Double($0), m: 0.0, v: 0.0) }
    var (power1, power2) = (1.0, 1.0)
    for step in 1...20 {
      let gradient = draw.rows(1, width: 40)
      power1 *= beta1
      power2 *= beta2
      var constants = EluteAdam(
        beta1: Float(beta1), beta2: Float(beta2), complement1: Float(1 - beta1),
        complement2: Float(1 - beta2), rate: Float(rate / (1 - power1)),
        correction: Float(1 / (1 - power2).squareRoot()), epsilon: Float(epsilon))
      set.table.adam(&constants, &weights, &first, &second, gradient, 48)
      for i in 0..<40 {
        let g = Double(gradient[i])
        exact[i].m = beta1 * exact[i].m + (1 - beta1) * g
        exact[i].v = beta2 * exact[i].v + (1 - beta2) * g * g
        let corrected = (exact[i].m / (1 - power1), exact[i].v / (1 - power2))
        exact[i].w -= rate * corrected.0 / (corrected.1.squareRoot() + epsilon)
        #expect(abs(Double(weights[i]) - exact[i].w) < 4e-7, "step \(step), element \(i)")
        #expect(abs(Double(second[i]) - exact[i].v) < 2e-6 * exact[i].v + 1e-12)
      }
    }
  }

  @Test(arguments: KernelSet.available)
  func adamSetsTinyMomentsToZero(set: KernelSet) {
    let limit: Float = 0x1p-100
    // beta = 1 and no gradient: the moments come out as they went in, unless they are tiny.
    var constants = EluteAdam(
      beta1: 1, beta2: 1, complement1: 0, complement2: 0, rate: 0.1, correction: 1, epsilon: 1e-8)
    let moments = [limit, limit.nextDown, -limit, -limit.nextDown, 0x1p-130, -0x1p-149, 0, 1]
    var (first, second) = (padded(moments), padded(moments.map { abs($0) }))
    var weights = [Float](repeating: 0, count: 16)
    let gradient = weights
    set.table.adam(&constants, &weights, &first, &second, gradient, 16)
    #expect(bits(first.prefix(8)) == bits([limit, 0, -limit, 0, 0, 0, 0, 1]))
    #expect(bits(second.prefix(8)) == bits([limit, 0, limit, 0, 0, 0, 0, 1]))
  }

  @Test(arguments: KernelSet.available)
  func normalizeDividesByTheCanonicalLength(set: KernelSet) {
    RowKernelTests.forEachCase { width, _, kind, draw in
      let row = draw.floats(width, kind)
      let squared = canonicalDot(row, row)
      let factor = 1 / squared.squareRoot()
      let found = written(row) { set.table.normalize($0, width) }
      #expect(found == bits(squared > 0 ? row.map { factor * $0 } : row), "\(width) \(kind)")
    }
  }
}

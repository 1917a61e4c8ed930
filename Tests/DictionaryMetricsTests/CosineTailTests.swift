import Testing

@testable import DictionaryMetrics

@Suite struct CosineTailTests {
  @Test(arguments: [1e-12, 1e-6, 0.01, 0.3, 1, 1.4, 1.57])
  func inThePlaneTheAngleIsUniform(angle: Double) {
    let (above, below) = CosineTail(width: 2).split(angle: angle)
    #expect(abs(above / (2 * angle / Double.pi) - 1) < 1e-12)
    #expect(abs(above + below - 1) < 1e-15)
  }

  /// SciPy's incomplete beta function at the same angles.
  @Test(arguments: [
    (128, 1.2, 2.4445157530543867e-05, 9.9997555484246958e-01),
    (128, 1.5, 4.2568412073059997e-01, 5.7431587926939909e-01),
    (128, 0.9, 3.8127536391842985e-15, 9.9999999999999634e-01),
    (767, 1.3, 4.7404187727149316e-14, 9.9999999999995259e-01),
    (4096, 1.5, 5.8419662561608352e-06, 9.9999415803374381e-01),
    (4096, 1.56, 4.8966289159371945e-01, 5.1033710840633228e-01),
    (4096, 1.45, 1.0021772946022980e-14, 9.9999999999999001e-01),
  ])
  func bothTailsKeepTheirDigits(width: Int, angle: Double, above: Double, below: Double) {
    let split = CosineTail(width: width).split(angle: angle)
    #expect(abs(split.above / above - 1) < 1e-10)
    #expect(abs(split.below / below - 1) < 1e-10)
  }

  @Test func bisectionInvertsTheTail() {
    let tail = CosineTail(width: 128)
    for target in [1e-15, 1e-3, 0.5, 0.999] {
      #expect(abs(tail.split(angle: tail.angle(above: target)).above / target - 1) < 1e-9)
    }
  }

  @Test func theRuleIntegratesPolynomialsExactly() {
    let (high, low) = (3.0, -1.0)
    let integral = GaussLegendre.integrate(from: low, to: high) { x in
      let cube = x * x * x
      return SIMD2(1, 8 * cube * cube * x)
    }
    #expect(abs(integral.x - 4) < 1e-13)
    #expect(abs(integral.y / 6560 - 1) < 1e-13)
  }
}

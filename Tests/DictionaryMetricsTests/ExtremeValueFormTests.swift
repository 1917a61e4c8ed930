import Testing

@testable import DictionaryMetrics

struct ExtremeValueFormTests {
  /// Computed apart with SciPy's incomplete beta function, at 1,024 atoms of width 128.
  @Test(arguments: [
    (ExtremeValueForm.leading, 0.3452), (.gaussianGumbel, 0.3066), (.sphericalGumbel, 0.3005),
    (.sphericalQuantile, 0.30016),
  ])
  func knownValues(form: ExtremeValueForm, value: Double) {
    #expect(abs(form.expectedMMCS(width: 128, atoms: 1024) - value) < 6e-5)
  }

  @Test func noneIsExact() {
    for form in ExtremeValueForm.allCases {
      let errors = [64, 1 << 20].map { atoms in
        let exact = IsotropicNull(width: 256, atoms: atoms, convention: .absolute).expectedMMCS
        return abs(form.expectedMMCS(width: 256, atoms: atoms) / exact - 1)
      }
      #expect(errors.allSatisfy { $0 > 5e-4 }, "\(form)")
    }
  }

  /// The integral of the density is the tail.
  @Test(arguments: [3, 8, 129]) func densityIsTheTailsSlope(width: Int) {
    let tail = CosineTail(width: width)
    for angle in [0.4, 1.0, 1.4] {
      let step = 1e-5
      // The tail rises with the angle as fast as the density in the cosine times the sine.
      let slope =
        (tail.split(angle: angle + step).above - tail.split(angle: angle - step).above) / (2 * step)
      let sine = (1 - cosine(angle) * cosine(angle)).squareRoot()
      #expect(abs(slope - tail.density(angle: angle) * sine) < 1e-6 * max(1, slope))
    }
  }

  private func cosine(_ angle: Double) -> Double {
    // By its series; no mathematics library is imported here.
    var (term, sum) = (1.0, 1.0)
    for n in 1...12 {
      term *= -angle * angle / Double((2 * n - 1) * (2 * n))
      sum += term
    }
    return sum
  }
}

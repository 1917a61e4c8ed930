import DictionaryMetrics
import Testing

@Suite struct IsotropicNullTests {
  struct Published: Sendable, CustomTestStringConvertible {
    var width: Int
    var atoms: Int
    var absolute: Double?
    var signed: Double?
    var digits: Double
    var testDescription: String { "\(width) x \(atoms)" }

    init(_ width: Int, _ atoms: Int, _ absolute: Double?, _ signed: Double?, _ digits: Double) {
      self.width = width
      self.atoms = atoms
      self.absolute = absolute
      self.signed = signed
      self.digits = digits
    }
  }

  @Test(
    "gives the tabulated means",
    arguments: [
      Published(128, 64, 0.227542, 0.205887, 5e-7), Published(128, 128, 0.247252, 0.227411, 5e-7),
      Published(128, 256, 0.265565, 0.247192, 5e-7), Published(128, 512, 0.282689, 0.265537, 5e-7),
      Published(128, 768, 0.292224, 0.275697, 5e-7), Published(128, 1024, 0.298793, 0.282677, 5e-7),
      Published(128, 1536, 0.307795, 0.292216, 5e-7),
      Published(128, 2048, 0.314010, 0.298787, 5e-7),
      Published(128, 4096, 0.328447, 0.314007, 5e-7),
      Published(128, 8192, 0.342192, 0.328445, 5e-7),
      Published(128, 16_384, 0.355319, 0.342192, 5e-7),
      Published(512, 1024, 0.15143, 0.14300, 5e-6), Published(512, 4096, 0.16708, 0.15943, 5e-6),
      Published(512, 16_384, 0.18143, 0.17440, 5e-6), Published(768, 4096, 0.13668, 0.13040, 5e-6),
      Published(768, 16_000, 0.14829, 0.14249, 5e-6),
      Published(768, 16_384, 0.14848, 0.14270, 5e-6),
      Published(768, 32_768, 0.15406, 0.14848, 5e-6),
      Published(1024, 1024, 0.10732, 0.10131, 5e-6), Published(1024, 2048, 0.11303, 0.10732, 5e-6),
      Published(1024, 4096, 0.11848, 0.11303, 5e-6), Published(1024, 8192, 0.12371, 0.11848, 5e-6),
      Published(1024, 16_384, 0.12874, 0.12371, 5e-6),
      Published(4096, 131_072, 0.07164, nil, 5e-6),
    ])
  func reproducesTheTable(_ row: Published) {
    for (convention, value) in [(CosineConvention.absolute, row.absolute), (.signed, row.signed)] {
      guard let value else { continue }
      let null = IsotropicNull(width: row.width, atoms: row.atoms, convention: convention)
      #expect(abs(null.expectedMMCS - value) <= row.digits * 1.001)
    }
  }

  /// Adaptive quadrature of the incomplete beta function by another library (SciPy 1.17).
  struct Reference: Sendable {
    var width: Int
    var atoms: Int
    var convention: CosineConvention
    var mean: Double
    var deviation: Double

    init(_ w: Int, _ n: Int, _ c: CosineConvention, _ mean: Double, _ deviation: Double) {
      (width, atoms, convention) = (w, n, c)
      (self.mean, self.deviation) = (mean, deviation)
    }
  }

  @Test(
    "agrees with an independent quadrature",
    arguments: [
      Reference(128, 7, .absolute, 0.152102734744267, 0.0464902145626),
      Reference(128, 7, .signed, 0.119498859378398, 0.0548286403128),
      Reference(128, 1024, .absolute, 0.298793150671287, 0.0275302499958),
      Reference(128, 1024, .signed, 0.282676592399738, 0.0291099276493),
      Reference(2, 5, .absolute, 0.943221151718098, 0.0871020097007),
      Reference(2, 5, .signed, 0.794505802284635, 0.2890779406783),
      Reference(4, 100, .absolute, 0.962905038181062, 0.0251303130384),
      Reference(4, 100, .signed, 0.940919862168195, 0.0401433745847),
      Reference(5, 3, .signed, 0.385714285714286, 0.3130139558377),
      Reference(17, 1_000_000, .absolute, 0.892790450937537, 0.0165563495334),
      Reference(17, 1_000_000, .signed, 0.882586565598505, 0.0182066277501),
      Reference(512, 4096, .signed, 0.159434613442328, 0.0138748231264),
      Reference(768, 16_384, .absolute, 0.148481268359572, 0.0101531998401),
      Reference(1024, 16_384, .signed, 0.123710196178597, 0.0091510702998),
      Reference(4096, 131_072, .absolute, 0.071643141107611, 0.0040634366860),
      Reference(4096, 131_072, .signed, 0.069350657950210, 0.0041831467845),
      Reference(16_384, 1_048_576, .absolute, 0.039109521628119, 0.0018850065109),
    ])
  func agreesWithAdaptiveQuadrature(_ reference: Reference) {
    let null = IsotropicNull(
      width: reference.width, atoms: reference.atoms, convention: reference.convention)
    #expect(abs(null.expectedMMCS / reference.mean - 1) < 1e-10)
    #expect(abs(null.standardDeviationPerAtom / reference.deviation - 1) < 1e-8)
  }

  @Test(arguments: [1, 2, 3, 10, 1000, 100_000])
  func onTheOrdinarySphereTheMaximumIsABetaVariable(atoms: Int) {
    // Width 3: a cosine is uniform on [-1, 1], its magnitude on [0, 1].
    let n = Double(atoms)
    let deviation = (n / ((n + 1) * (n + 1) * (n + 2))).squareRoot()
    let absolute = IsotropicNull(width: 3, atoms: atoms, convention: .absolute)
    #expect(abs(absolute.expectedMMCS - n / (n + 1)) < 1e-11)
    #expect(abs(absolute.standardDeviationPerAtom - deviation) < 1e-9)
    let signed = IsotropicNull(width: 3, atoms: atoms, convention: .signed)
    #expect(abs(signed.expectedMMCS - (n - 1) / (n + 1)) < 1e-11)
    #expect(abs(signed.standardDeviationPerAtom - 2 * deviation) < 1e-9)
  }

  @Test(arguments: 1...8) func onALineOnlyTheSignIsRandom(atoms: Int) {
    let absolute = IsotropicNull(width: 1, atoms: atoms, convention: .absolute)
    #expect(absolute.expectedMMCS == 1 && absolute.standardDeviationPerAtom == 0)
    // All n signs are negative with probability p = 2^-n: mean 1 - 2p, variance 4 p (1 - p).
    var p = 1.0
    for _ in 0..<atoms { p /= 2 }
    let signed = IsotropicNull(width: 1, atoms: atoms, convention: .signed)
    #expect(abs(signed.expectedMMCS - (1 - 2 * p)) < 1e-15)
    #expect(abs(signed.standardDeviationPerAtom - (4 * p * (1 - p)).squareRoot()) < 1e-12)
  }

  @Test(arguments: [1, 2, 3, 4, 5, 64, 127, 128, 1024, 4096])
  func oneAtomHasTheMomentsOfOneCosine(width: Int) {
    // E cos² = 1 / d whatever the convention, and E cos = 0.
    let signed = IsotropicNull(width: width, atoms: 1, convention: .signed)
    #expect(abs(signed.expectedMMCS) < 1e-12)
    #expect(abs(signed.standardDeviationPerAtom - (1 / Double(width)).squareRoot()) < 1e-10)
    let absolute = IsotropicNull(width: width, atoms: 1, convention: .absolute)
    let square =
      absolute.standardDeviationPerAtom * absolute.standardDeviationPerAtom
      + absolute.expectedMMCS * absolute.expectedMMCS
    #expect(abs(square * Double(width) - 1) < 1e-9)
  }

  @Test func inThePlaneTheNearestLineIsKnown() {
    // n angles uniform on [0, pi/2]: E cos(min) = n ∫ (1 - 2t/pi)^(n-1) (2/pi) cos t dt.
    let one = IsotropicNull(width: 2, atoms: 1, convention: .absolute)
    #expect(abs(one.expectedMMCS - 2 / Double.pi) < 1e-12)
    let two = IsotropicNull(width: 2, atoms: 2, convention: .absolute)
    #expect(abs(two.expectedMMCS - 8 / (Double.pi * Double.pi)) < 1e-12)
  }

  @Test func theProbabilityIsThatOfTheClosedForm() {
    let absolute = IsotropicNull(width: 3, atoms: 5, convention: .absolute)
    #expect(abs(absolute.probability(atLeast: 0.5) - (1 - 1 / 32.0)) < 1e-14)
    #expect(absolute.probability(atLeast: -0.5) == 1)
    #expect(absolute.probability(atLeast: 1.5) == 0)
    let signed = IsotropicNull(width: 3, atoms: 5, convention: .signed)
    #expect(abs(signed.probability(atLeast: 0.5) - (1 - 0.2373046875)) < 1e-14)
    #expect(abs(signed.probability(atLeast: -0.5) - (1 - 1 / 1024.0)) < 1e-14)
    let line = IsotropicNull(width: 1, atoms: 2, convention: .signed)
    #expect(abs(line.probability(atLeast: 0.3) - 0.75) < 1e-15)
  }

  @Test func aTailFarBeyondTheMeanKeepsItsDigits() {
    // Width 5: P(|cos| > s) = 1 - (3s - s³)/2, which near 1 is 1.5 (1 - s)² (1 - (1 - s)/3).
    let null = IsotropicNull(width: 5, atoms: 1, convention: .absolute)
    let gap = 1e-5
    let exact = 1.5 * gap * gap * (1 - gap / 3)
    #expect(abs(null.probability(atLeast: 1 - gap) / exact - 1) < 1e-9)
  }
}

import DictionaryMetrics
import SparseCoding
import Testing

@testable import Identifiability

/// Proofs that a code is the only one of its size: planted ones, near misses, and every alternative enumerated.
struct CodeCertificateTests {
  private let compute = Compute(threads: 1)

  private func rows(_ values: [[Double]]) -> Matrix {
    Matrix(
      rows: values.count, columns: values[0].count, values: values.joined().map { Float($0) })
  }

  private func certificates(
    _ atoms: Matrix, _ code: [Int: Float], _ convention: CosineConvention = .absolute
  ) -> CodeCertificate {
    let support = code.keys.sorted()
    let codes = SparseCodes(
      latents: atoms.rows, offsets: [0, support.count], indices: support.map { Int32($0) },
      values: support.map { code[$0] ?? 0 })
    return CodeCertificates(BoundedAtoms(atoms), convention: convention)
      .certificates(of: codes, on: compute)[0]
  }

  private func rival(
    _ atoms: Matrix, _ code: [Int: Float], _ convention: CosineConvention
  ) -> RivalCode {
    let support = code.keys.sorted()
    let codes = SparseCodes(
      latents: atoms.rows, offsets: [0, support.count], indices: support.map { Int32($0) },
      values: support.map { code[$0] ?? 0 })
    return CodeCertificates(BoundedAtoms(atoms), convention: convention)
      .rivals(of: codes, events: 100, on: compute)[0]
  }

  /// In the plane with axes and one atom between them at an angle, the pull on it is the sum of its parts.
  @Test func thePullIsThatOfTheFormula() {
    let atoms = rows([[2, 0], [0, 1], [0.6, 0.8], [-0.6, 0.8]])
    // Both axes: 0.6 + 0.8 on the third: something smaller is there.
    let both = certificates(atoms, [0: 1, 1: 3], .signed)
    #expect(abs(both.pull.upperBound - 1.4) < 1e-5 && both.rival == 2 && !both.isUnique)
    #expect(abs(both.shareOfOptimum - 1 / 1.4) < 1e-5)
    // One axis alone pulls at others by their cosines, and only one side counts where codes are nonnegative.
    let one = certificates(atoms, [1: 3], .signed)
    #expect(abs(one.pull.upperBound - 0.8) < 1e-5 && one.isUnique && abs(one.margin - 0.2) < 1e-5)
    let signed = certificates(rows([[1, 0], [-0.9, 0.1]]), [0: 1])
    let nonnegative = certificates(rows([[1, 0], [-0.9, 0.1]]), [0: 1], .signed)
    #expect(signed.pull.lowerBound > 0.99 && nonnegative.pull == 0...0 && nonnegative.isUnique)
    // Nothing active: nothing is smaller than nothing.
    #expect(certificates(atoms, [:]).isUnique)
    // Signs turn the pull.
    #expect(abs(certificates(atoms, [0: 1, 1: -1]).pull.upperBound - 1.4) < 1e-5)
    #expect(certificates(atoms, [0: 1, 1: -1]).rival == 3)
  }

  /// Whatever is certified is the one smallest code of all that there are; whatever has a smaller rival is not certified.
  @Test(arguments: [CosineConvention.absolute, .signed])
  func whatIsCertifiedIsSmallestOfAll(_ convention: CosineConvention) throws {
    var stream = RandomStream(seed: 3, name: "certificates")
    var (certified, refuted, otherwise) = (0, 0, 0)
    for _ in 0..<300 {
      let atoms = Matrix(rows: 6, columns: 3, values: stream.gaussians(count: 18))
      let bounded = BoundedAtoms(atoms)
      let (a, b) = (stream.index(below: 6), stream.index(below: 6))
      guard a != b else { continue }
      func value() -> Float {
        let size = Float(0.5 + stream.uniform())
        return convention == .absolute && stream.uniform() < 0.5 ? -size : size
      }
      let code = [a: value(), b: value()]
      let found = certificates(atoms, code, convention)
      var row = [Double](repeating: 0, count: 3)
      for (atom, value) in code {
        for index in 0..<3 { row[index] += Double(value) * Double(atoms[atom, index]) }
      }
      let own = code.reduce(0) { $0 + Double(abs($1.value)) * bounded.lengths[$1.key] }
      // The smallest codes are on three atoms or fewer, so on three.
      var least = Double.infinity
      for first in 0..<6 {
        for second in 0..<first {
          for third in 0..<second {
            let chosen = [first, second, third]
            guard Set(chosen) != Set(code.keys), !Set(chosen).isSuperset(of: code.keys),
              let solved = solution(chosen.map { atoms.row($0).map(Double.init) }, row),
              convention == .absolute || solved.allSatisfy({ $0 >= 0 })
            else { continue }
            least = min(
              least, zip(chosen, solved).reduce(0) { $0 + abs($1.1) * bounded.lengths[$1.0] })
          }
        }
      }
      if found.isUnique {
        certified += 1
        #expect(least > own)
      }
      // And what a search for a smaller code proves is so.
      switch rival(atoms, code, convention) {
      case .none(let margin):
        #expect(least > own && margin > 0)
        if !found.isUnique { otherwise += 1 }
      case .smaller(let chosen, let share):
        #expect(!found.isUnique && abs(share - least / own) < 1e-5 && chosen.count == 3)
      case .open: Issue.record("neither")
      }
      if least < own {
        refuted += 1
        #expect(!found.isUnique)
        #expect(least >= found.shareOfOptimum * own - 1e-6)
      }
    }
    #expect(certified > 50 && refuted > 50 && otherwise > 5)
  }

  /// Coefficients of a row by three atoms, by Cramer's rule.
  private func solution(_ atoms: [[Double]], _ row: [Double]) -> [Double]? {
    func determinant(_ rows: [[Double]]) -> Double {
      rows[0][0] * (rows[1][1] * rows[2][2] - rows[1][2] * rows[2][1])
        - rows[0][1] * (rows[1][0] * rows[2][2] - rows[1][2] * rows[2][0])
        + rows[0][2] * (rows[1][0] * rows[2][1] - rows[1][1] * rows[2][0])
    }
    let whole = determinant(atoms)
    guard abs(whole) > 1e-9 else { return nil }
    return (0..<3).map { place in
      var changed = atoms
      changed[place] = row
      return determinant(changed) / whole
    }
  }

  /// A second atom that is the first but for its length: floats say that the pull on it is below 1, and it is 1.
  @Test func aCopyIsNeverBelowOne() {
    var stream = RandomStream(seed: 5, name: "copies")
    var lies = 0
    for _ in 0..<50 {
      let atom = stream.gaussians(count: 96)
      let atoms = Matrix(rows: 2, columns: 96, values: atom + atom.map { 2 * $0 })
      let found = certificates(atoms, [0: 1])
      #expect(!found.isUnique && found.pull.lowerBound > 0.999_999)
      let units = BoundedAtoms(atoms).units
      if compute.product(units, units)[0, 1] < 1 { lies += 1 }
    }
    #expect(lies > 5, "plain floats would have proved it")
  }

  /// An atom on which two axes pull by a hair less or more than 1.
  @Test func nearMissesAreToldApart() {
    for (off, isUnique) in [(1e-4, true), (1e-6, true), (-1e-6, false), (-1e-4, false)] {
      let along = (1 - off) / 2
      let rest = (1 - 2 * along * along).squareRoot()
      let found = certificates(
        rows([[1, 0, 0], [0, 1, 0], [along, along, rest]]), [0: 1, 1: 1])
      #expect(found.isUnique == isUnique, "\(off): \(found.pull)")
      #expect(abs(found.pull.lowerBound - 1 + off) < 1e-6)
    }
  }

  /// Theorem 3.2 of "Toward Identifiable Sparse Autoencoders", two supports that span one space: at most one is certified.
  @Test func ofTwoSupportsThatSpanOneSpaceOneAtMostIsCertified() {
    let eps = 0.1
    let length = (1 + eps * eps).squareRoot()
    let atoms = rows([
      [1, 0, 0], [0, 1, 0], [0, 0, 1], [0, 1 / length, eps / length],
      [0, eps / length, 1 / length],
    ])
    // x = e1 + a d4 + b d5, in both ways, a and b positive: d4 and d5 are within the cone of e2 and e3.
    let own = certificates(atoms, [0: 1, 3: 1, 4: 1])
    let other = certificates(
      atoms, [0: 1, 1: Float((1 + eps) / length), 2: Float((1 + eps) / length)])
    #expect(own.isUnique && !other.isUnique)
    #expect(other.shareOfOptimum < 1 && other.shareOfOptimum > 0.9)
  }

  /// A pull above 1 on a support whose weights are not all positive is no row of nonnegative codes that pursuit misses.
  @Test func weightsArePositiveOrNot() {
    // The third atom is nearly between the axes: G w = (1, 1, 1) takes some -1.9 of it.
    let between = [0.65, 0.65, (1 - 2 * 0.65 * 0.65).squareRoot()]
    let length = (1 + 1 + 0.764 * 0.764).squareRoot()
    let pulled = [1 / length, 1 / length, -0.764 / length]
    let atoms = rows([[1, 0, 0], [0, 1, 0], between, pulled])
    let found = certificates(atoms, [0: 1, 1: 1, 2: 1], .signed)
    #expect(found.pull.lowerBound > 1.5 && !found.hasPositiveWeights)
    #expect(certificates(atoms, [0: 1, 1: 1], .signed).hasPositiveWeights)
  }

  /// Atoms that depend on each other prove nothing.
  @Test func dependentAtomsProveNothing() {
    let atoms = rows([[1, 0], [0, 1], [1, 1]])
    let found = certificates(atoms, [0: 1, 1: 1, 2: 1])
    #expect(!found.isUnique && found.leastEigenvalue <= 0 && found.shareOfOptimum == 0)
  }

  // MARK: Eigenvalues

  @Test func boundsHoldTheEigenvalues() {
    var stream = RandomStream(seed: 8, name: "eigenvalues")
    for order in [1, 2, 5, 20] {
      let vectors = (0..<order).map { _ in stream.gaussians(count: order + 3).map(Double.init) }
      let gram = (0..<order * order).map { dot(vectors[$0 / order], vectors[$0 % order]) }
      let values = SymmetricEigen.values(of: gram, order: order)
      let bounds = EigenvalueBounds(of: gram, order: order, entryError: 0)
      #expect(bounds.least.contains(values[order - 1]) && bounds.greatest.contains(values[0]))
      for range in [bounds.least, bounds.greatest] {
        #expect(range.upperBound - range.lowerBound < 1e-9 * (1 + values[0]))
      }
    }
    // What is singular is never positive, though its computed eigenvalue may be.
    let singular = EigenvalueBounds(of: [1, 1, 1, 1], order: 2, entryError: 0)
    #expect(singular.least.lowerBound <= 0 && singular.greatest.upperBound >= 2)
    #expect(EigenvalueBounds(of: [1, 0, 0, 1], order: 2, entryError: 0.25).least.lowerBound <= 0.5)
  }

  @Test func aSupportsConstantsAreThoseOfItsEigenvalues() {
    // A pair at the cosine 0.6 beside a third: eigenvalues 0.4, 1, 1.6.
    let atoms = rows([[1, 0, 0], [0.6, 0.8, 0], [0, 0, 3], [0, 0, 1]])
    let found = BoundedAtoms(atoms).conditioning(of: [0, 1, 2])
    #expect(abs(found.deltaAtMost - 0.6) < 1e-6 && abs(found.deltaAtLeast - 0.6) < 1e-6)
    #expect(found.deltaAtLeast <= found.deltaAtMost && abs(found.scaleFreeDelta - 0.6) < 1e-6)
    #expect(abs(found.spread - 0.24) < 1e-6)
    #expect(found.spread <= found.deltaAtMost * found.deltaAtMost)
    // A scale apart: the lengths of atoms do not count.
    #expect(BoundedAtoms(atoms).conditioning(of: [2]).deltaAtMost < 1e-9)
    #expect(BoundedAtoms(atoms).conditioning(of: [2, 3]).least.lowerBound <= 0)
  }

  @Test func theWorstSupportIsFound() {
    var stream = RandomStream(seed: 4, name: "worst")
    var atoms = Matrix(rows: 40, columns: 24, values: stream.gaussians(count: 960))
    // One bad support among the 91,390 of four: three atoms and nearly their sum.
    for index in 0..<24 {
      atoms[31, index] =
        atoms[3, index] + atoms[17, index] + atoms[22, index] + 0.01 * atoms[5, index]
    }
    let bounded = BoundedAtoms(atoms)
    let coherence = Coherence(of: bounded, upTo: 6, on: compute)
    let support = bounded.worstSupport(of: 4, from: (31, 3), isLeast: true, on: compute)
    #expect(support == [3, 17, 22, 31])
    let found = bounded.conditioning(of: support)
    #expect(found.least.lowerBound > 0 && found.least.upperBound < 1e-3)
    // What all supports have at most is more than what one has.
    #expect(coherence.babel[3] >= found.deltaAtLeast && coherence.babel[1] == coherence.coherence)
    #expect(abs(abs(coherence.cosine) - coherence.coherence) < 1e-4)
    #expect(coherence.coherence >= (16.0 / (24 * 39)).squareRoot(), "Welch")
  }
}

import SparseCoding
import Testing

@testable import Identifiability

/// The bound on how near two dictionaries are, and the constants that it is made of.
struct NearIdentifiabilityTests {
  @Test func theBoundIsThatOfTheTheorem() throws {
    let bound = NearIdentifiability(k: 4, delta: 0.5, error: 0.001, norm: 2, diversity: 0.8)
    // 2 delta / (1 + delta) = 2/3.
    let alpha = (5.0 / 9).squareRoot()
    #expect(abs(bound.alpha - alpha) < 1e-12)
    #expect(abs(bound.errorAsked - 0.8 * 0.5.squareRoot() * alpha / 8) < 1e-12)
    let eta = 2 * 2 * 0.001 / (0.8 * 0.5.squareRoot())
    let atoms = 2 * (1 + 2 / alpha) * eta
    #expect(abs(try #require(bound.atomsWithin) - atoms) < 1e-12)
    let codes =
      2 * 0.001 / 0.5.squareRoot() + 2 * 2 * (1 + 2 / alpha) * eta * 2.001 / 0.5
    #expect(abs(try #require(bound.codesWithin) - codes) < 1e-12)
  }

  @Test func whereItDoesNotApplyItSaysNothing() {
    for bound in [
      NearIdentifiability(k: 4, delta: 0.5, error: 0.1, norm: 2, diversity: 0.8),
      NearIdentifiability(k: 4, delta: 1, error: 1e-9, norm: 2, diversity: 0.8),
      NearIdentifiability(k: 4, delta: 2.5, error: 1e-9, norm: 2, diversity: 0.8),
      NearIdentifiability(k: 4, delta: 0.1, error: 0, norm: 2, diversity: 0),
    ] {
      #expect(!bound.applies && bound.atomsWithin == nil && bound.codesWithin == nil)
    }
  }

  @Test func diversityIsTheSmallestSingularValueOfAsManyCodes() {
    // Atoms of length 2 and 1.
    var atoms = axes(3, width: 4)
    atoms[0, 0] = 2
    let bounded = BoundedAtoms(atoms)
    let codes = writtenCodes(
      latents: 3,
      [
        [(0, 0.5), (1, 0.5)], [(0, 0.25), (1, 1)], [(0, 0.5), (1, 0.5)], [(2, 3)], [],
      ])
    let seen = SeenSupports(of: codes, on: bounded)
    #expect(seen.supports == 2 && seen.determined == 2)
    // Of (1, 0.5) and (0.5, 1): singular values 1.5 and 0.5.
    #expect(seen.zeta <= 0.5 && seen.zeta > 0.5 - 1e-9)
    // No code is longer than 3; no latent is larger than 1 for the first two.
    var most = CodeDiversity(on: bounded)
    most.add(codes)
    #expect(most.k == 2 && abs(most.zeta - 2.0.squareRoot()) < 1e-12)
    // A support seen once that has two atoms: nothing is shown.
    let once = SeenSupports(
      of: writtenCodes(latents: 3, [[(0, 0.5), (1, 0.5)], [(2, 3)]]), on: bounded)
    #expect(once.zeta == 0 && once.determined == 1 && once.supports == 2)
  }

  /// Two dictionaries of the same rows: what is between them is within the bound, which is not vacuous.
  @Test func twoDictionariesAreWithinTheBound() throws {
    let (truth, count) = (axes(6, width: 6), 3000)
    var off = truth
    for atom in 0..<6 { off[atom, (atom + 1) % 6] = 2e-4 }
    var (stream, rows) = (RandomStream(seed: 1, name: "rows"), [[(Int, Float)]]())
    for _ in 0..<count {
      let first = stream.index(below: 6)
      let second = (first + 1 + stream.index(below: 5)) % 6
      rows.append(
        [min(first, second), max(first, second)].map { ($0, Float(0.2 + stream.uniform())) })
    }
    let codes = writtenCodes(latents: 6, rows)
    let (one, other) = (BoundedAtoms(truth), BoundedAtoms(off))
    // The rows are those of the first, and the second codes them with the same numbers.
    var (error, norm) = (0.0, 0.0)
    for row in rows {
      var (left, whole) = ([Double](repeating: 0, count: 6), 0.0)
      for (atom, value) in row {
        whole += Double(value * value)
        for index in 0..<6 {
          left[index] += Double(value) * (Double(truth[atom, index]) - Double(off[atom, index]))
        }
      }
      (error, norm) = (max(error, dot(left, left).squareRoot()), max(norm, whole.squareRoot()))
    }
    let diversity = min(
      SeenSupports(of: codes, on: one).zeta, SeenSupports(of: codes, on: other).zeta)
    // Two codes of two atoms have four at most.
    let supports = (0..<64).map { pattern in (0..<6).filter { pattern >> $0 & 1 == 1 } }
      .filter { $0.count == 4 }
    let delta = [one, other].flatMap { atoms in
      supports.map { atoms.conditioning(of: $0).deltaAtMost }
    }.max()
    let bound = NearIdentifiability(
      k: 2, delta: try #require(delta), error: error, norm: norm, diversity: diversity)
    let within = try #require(bound.atomsWithin)
    #expect(within < 0.6.squareRoot(), "a bound worth having")
    for atom in 0..<6 {
      let apart = zip(truth.row(atom), off.row(atom)).reduce(0.0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }.squareRoot()
      #expect(apart <= within && apart > 1e-4)
    }
  }
}

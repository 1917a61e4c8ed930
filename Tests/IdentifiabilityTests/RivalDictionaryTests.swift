import DictionaryMetrics
import SparseCoding
import Testing

@testable import Identifiability

/// Dictionaries that the data fix, and such that they do not.
struct RivalDictionaryTests {
  private let compute = Compute(threads: 2)

  private func rival(
    of atoms: Matrix, _ rows: Matrix, k: Int, threshold: Double = 0.8, tolerance: Double = 0.005,
    convention: CosineConvention = .signed, others: [Matrix] = []
  ) throws -> RivalDictionary {
    let half = rows.rows / 2
    return try RivalDictionary(
      of: atoms, bias: [Float](repeating: 0, count: atoms.columns), others: others,
      fitted: rows.selecting(rows: 0..<half), judged: rows.selecting(rows: half..<rows.rows),
      convention: convention,
      settings: .init(tolerance: tolerance, threshold: threshold, k: k), compute: compute)
  }

  /// Features that fire one at a time: each is the ray that its rows lie on, and nothing else will do.
  @Test func whatTheDataFixIsNotReplaced() throws {
    var stream = RandomStream(seed: 1, name: "fixed")
    var rows = Matrix(rows: 600, columns: 12)
    for row in 0..<600 { rows[row, row % 8] = Float(1 + stream.uniform()) }
    let found = try rival(of: axes(8, width: 12), rows, k: 1)
    #expect(found.replaced.isEmpty && found.fvu == found.ownFVU && found.ownFVU < 1e-6)
    #expect(found.cosines.allSatisfy { $0 > 0.999 } && found.costs.allSatisfy { $0 > 0.05 })
  }

  /// A child that fires only with its parent: the parent and their sum do as well, and the child is replaceable.
  @Test func aChildIsReplaceable() throws {
    var stream = RandomStream(seed: 2, name: "child")
    var rows = Matrix(rows: 800, columns: 12)
    for row in 0..<800 {
      rows[row, row % 6] = Float(1 + stream.uniform())
      // Feature 6 fires with feature 0 alone, as strongly.
      if row % 12 == 0 { rows[row, 6] = rows[row, 0] }
    }
    let found = try rival(of: axes(7, width: 12), rows, k: 2)
    // It is not all: a latent more than a row needs lets every atom lean to one side that another takes back.
    #expect(found.replaced.contains(6))
    #expect(found.fvu <= found.ownFVU + 0.005 && found.ownFVU < 1e-6)
  }

  /// What costs less than the tolerance can be lost, so replaced.
  @Test func whatCostsLittleIsReplaceable() throws {
    var stream = RandomStream(seed: 3, name: "little")
    var rows = Matrix(rows: 800, columns: 12)
    for row in 0..<800 {
      let feature = row % 100 == 0 ? 7 : row % 7
      rows[row, feature] = Float((feature == 7 ? 0.3 : 1) + 0.1 * stream.uniform())
    }
    let found = try rival(of: axes(8, width: 12), rows, k: 1)
    #expect(found.replaced == [7] && found.costs[7] < 0.005)
  }

  /// Codes with signs: an atom's opposite is the atom.
  @Test func withSignsAnOppositeIsTheSame() throws {
    var stream = RandomStream(seed: 4, name: "signs")
    var rows = Matrix(rows: 600, columns: 12)
    for row in 0..<600 {
      rows[row, row % 8] = Float(1 + stream.uniform()) * (stream.uniform() < 0.5 ? -1 : 1)
    }
    let found = try rival(of: axes(8, width: 12), rows, k: 1, convention: .absolute)
    #expect(found.replaced.isEmpty && found.ownFVU < 1e-6)
  }

  /// Whatever is called replaced is, by the definition and computed plainly.
  @Test func whatIsReplacedIsFarFromTheRival() throws {
    var stream = RandomStream(seed: 5, name: "far")
    let atoms = Matrix(rows: 20, columns: 8, values: stream.gaussians(count: 160))
    var chances = RandomStream(seed: 5, name: "chances")
    var rows = Matrix(rows: 400, columns: 8)
    for row in 0..<400 {
      for atom in 0..<20 where chances.uniform() < 0.2 {
        for index in 0..<8 { rows[row, index] += atoms[atom, index] }
      }
    }
    let found = try rival(of: atoms, rows, k: 4, threshold: 0.9, tolerance: 0.05)
    #expect(!found.replaced.isEmpty && found.fvu <= found.ownFVU + 0.05)
    for atom in 0..<20 {
      let own = unit(atoms.row(atom).map(Double.init))
      let best = (0..<20).map { dot(own, found.atoms.row($0).map(Double.init)) }.max() ?? 0
      #expect(abs(best - found.cosines[atom]) < 1e-5)
      #expect(found.replaced.contains(atom) == (found.cosines[atom] < 0.9))
    }
    for atom in 0..<20 {
      let length = dot(
        found.atoms.row(atom).map(Double.init), found.atoms.row(atom).map(Double.init))
      #expect(abs(length - 1) < 1e-5)
    }
  }

  /// A search from another dictionary begins as that is, and turns only what has to be.
  @Test func theSearchBeginsAtOthersToo() throws {
    var stream = RandomStream(seed: 6, name: "others")
    var rows = Matrix(rows: 600, columns: 12)
    for row in 0..<600 {
      let pair = 2 * (row % 4)
      rows[row, pair] = Float(1 + 0.2 * stream.uniform())
      rows[row, pair + 1] = Float(1 + 0.2 * stream.uniform())
    }
    var slanted = Matrix(rows: 8, columns: 12)
    for pair in 0..<4 {
      for (atom, (near, far)) in [(0, (Float(1.3), Float(1))), (1, (1, 1.3))] {
        slanted[2 * pair + atom, 2 * pair] = near
        slanted[2 * pair + atom, 2 * pair + 1] = far
      }
    }
    let settings = RivalDictionary.Settings(threshold: 0.8, k: 2, rounds: 2)
    let zeros = [Float](repeating: 0, count: 12)
    let trials = RivalTrials(
      own: axes(8, width: 12), bias: zeros, fitted: rows, convention: .signed, settings: settings,
      compute: compute)
    let start = BoundedAtoms(slanted).units
    #expect(trials.rival(from: start, without: []) == start)
    // Their cosine with the axes is 0.793: there is nothing to turn.
    #expect(trials.rival(from: start, without: Array(0..<8)) == start)
    #expect(trials.replaced(in: start) == Array(0..<8) && trials.judge(start, on: rows).fvu < 1e-6)
    // Of a copy of the own atoms those left out are turned, the others stay.
    let turned = trials.rival(from: axes(8, width: 12), without: [0])
    #expect(trials.replaced(in: turned) == [0])
    #expect(turned.selecting(rows: 2..<8) == axes(8, width: 12).selecting(rows: 2..<8))
  }

  /// What does not do as well, or has more atoms, is no rival.
  @Test func aWorseOrLargerDictionaryIsNoRival() throws {
    var stream = RandomStream(seed: 1, name: "fixed")
    var rows = Matrix(rows: 600, columns: 12)
    for row in 0..<600 { rows[row, row % 8] = Float(1 + stream.uniform()) }
    let alone = try rival(of: axes(8, width: 12), rows, k: 1)
    let random = Matrix(rows: 8, columns: 12, values: stream.gaussians(count: 96))
    let larger = axes(12, width: 12)
    let found = try rival(of: axes(8, width: 12), rows, k: 1, others: [random, larger])
    #expect(found.atoms == alone.atoms && found.replaced.isEmpty)
  }
}

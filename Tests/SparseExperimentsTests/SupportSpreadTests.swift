import Elute
import Testing

@testable import SparseExperiments

/// Supports whose cosines are known.
struct SupportSpreadTests {
  private func spread(of atoms: [[Float]], bias: [Float]) throws -> SupportSpread {
    let rows = matrix([
      [3, -2, 0, 0], [0, 0, 3, 1], [0, 7, 1, 0], [5, 4, 0, 0], [-1, 0, 2, 0],
    ])
    var coder = coder(atoms, k: 1)
    // Scores are the entries themselves, plus the bias.
    for index in coder.encoder.values.indices {
      coder.encoder.values[index] = index % 5 == 0 && index < 16 ? 1 : 0
    }
    coder.encoderBias = bias
    return try SupportSpread(
      of: NamedDictionary(name: "known", coder: coder), on: TrainingRows(rows, holdOut: .none),
      compute: oneThread)
  }

  private static let atoms: [[Float]] = [
    [1, 0, 0, 0], [0.6, 0.8, 0, 0], [0, 0, 1, 0], [0, 0, 0, 1],
  ]

  /// R of two atoms is their cosine squared: 0.36 of the first two, nothing of any others.
  @Test func isTheMeanSquareOfCosines() throws {
    let found = try spread(of: Self.atoms, bias: [0, 0, 0, 0])
    // The largest two scores are those of 0 and 1 on two of five rows.
    #expect(abs((found.largest?.value ?? -1) - 0.72 / 5) < 1e-7)
    #expect(found.largest?.random == 1.0 / 4)
    // Codes are 0, 2, 1, 0, 2: of the first row and the third, the second and the fourth, the former has both.
    #expect(abs((found.pairs?.value ?? -1) - 0.36 / 2) < 1e-7)
    #expect(found.pairs?.random == 1.0 / 4)
  }

  @Test func latentsWithoutAnAtomTakeNoPart() throws {
    let found = try spread(of: Self.atoms + [[0, 0, 0, 0]], bias: [0, 0, 0, 0, 100])
    // It is active on every row, and beside it the largest score is alone.
    #expect(found == SupportSpread(largest: .init(value: 0, random: 0), pairs: nil))
  }
}

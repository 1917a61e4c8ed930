import SparseCoding
import Testing

@testable import Identifiability

/// How far atoms are pushed, beyond what sampling does.
struct DecoderStationarityTests {
  private let compute = Compute(threads: 2)

  /// Rows of atoms with noise, and their true codes, whose signs are independent.
  private func moments(
    rows count: Int, seed: UInt64, atoms: Matrix, moved: (Int, Int, Float)? = nil,
    shrunk: Float = 1
  ) -> (moments: ResidualMoments, atoms: BoundedAtoms) {
    var (stream, noise) = (
      RandomStream(seed: seed, name: "rows"), RandomStream(seed: seed, name: "noise")
    )
    var residuals = Matrix(rows: count, columns: atoms.columns)
    var codes = SparseCodes(latents: atoms.rows, offsets: [0], indices: [], values: [])
    var believed = atoms
    if let (atom, index, by) = moved { believed[atom, index] += by }
    for row in 0..<count {
      for index in 0..<atoms.columns {
        residuals[row, index] = 0.3 * noise.gaussians(count: 1)[0]
      }
      for atom in 0..<atoms.rows where stream.uniform() < 0.2 {
        let value = Float(1 + stream.uniform()) * (stream.uniform() < 0.5 ? -1 : 1)
        codes.indices.append(Int32(atom))
        codes.values.append(shrunk * value)
        for index in 0..<atoms.columns {
          residuals[row, index] += value * (atoms[atom, index] - shrunk * believed[atom, index])
        }
      }
      codes.offsets.append(codes.indices.count)
    }
    var moments = ResidualMoments(latents: atoms.rows, width: atoms.columns, rows: count)
    for start in stride(from: 0, to: count, by: 190) {
      let part = start..<min(start + 190, count)
      var some = SparseCodes(latents: atoms.rows, offsets: [0], indices: [], values: [])
      for row in part {
        let entries = codes.entries(ofRow: row)
        some.indices += codes.indices[entries]
        some.values += codes.values[entries]
        some.offsets.append(some.indices.count)
      }
      moments.add(some, residuals.selecting(rows: part), on: compute)
    }
    return (moments, BoundedAtoms(believed))
  }

  /// At the truth nothing pushes but sampling: the effect is zero on average and its interval covers zero as often as it says.
  @Test func atTheTruthThereIsNoPush() {
    let found = (0..<60).map { seed in
      let (moments, atoms) = moments(rows: 800, seed: UInt64(seed), atoms: axes(6, width: 12))
      return DecoderStationarity(moments, atoms: atoms, lambda: 0, on: compute)
    }
    let effects = found.map(\.whole.effect)
    let mean = effects.reduce(0, +) / 60
    #expect(abs(mean) < 0.002 && effects.contains { $0 < 0 } && effects.contains { $0 > 0 })
    #expect(found.count { $0.whole.low <= 0 && $0.whole.high >= 0 } >= 51)
    #expect(found.count { $0.whole.chance <= 0.05 } <= 8)
    #expect(found.allSatisfy { $0.whole.high < 0.02 })
    for part in found {
      #expect(abs(part.across.effect + part.along.effect - part.whole.effect) < 1e-12)
    }
  }

  /// An atom that is off is found, with the share of the error that putting it right removes.
  @Test func anAtomThatIsOffIsFound() {
    let (moments, atoms) = moments(
      rows: 4000, seed: 1, atoms: axes(6, width: 12), moved: (2, 9, 0.3))
    let found = DecoderStationarity(moments, atoms: atoms, lambda: 0, on: compute)
    // What putting it right removes: its codes' energy times 0.09, of the whole error.
    let removed = moments.energies[2] * 0.09 / moments.residualEnergies.reduce(0, +)
    #expect(abs(found.whole.effect / removed - 1) < 0.1 && found.whole.low > 0.5 * removed)
    #expect(found.whole.chance == 1.0 / 128 && found.across.effect > 5 * found.along.effect)
    #expect(abs(found.turns[2] - 0.3 / 1.09) < 0.03)
    #expect(found.turns.enumerated().allSatisfy { $0.offset == 2 || $0.element < 0.05 })
  }

  /// Shrunken codes push along the atoms alone, and a penalty that balances it takes that away.
  @Test func shrinkagePushesAlong() {
    let (moments, atoms) = moments(
      rows: 4000, seed: 2, atoms: axes(6, width: 12), shrunk: 0.8)
    let found = DecoderStationarity(moments, atoms: atoms, lambda: 0, on: compute)
    #expect(found.along.effect > 0.05 && abs(found.across.effect) < 0.003)
    let penalty = found.penalties.reduce(0, +) / 6
    #expect(penalty > 0.2)
    let balanced = DecoderStationarity(moments, atoms: atoms, lambda: penalty, on: compute)
    #expect(abs(balanced.along.effect) < 0.01 * found.along.effect + 0.001)
    // The part across is the same, and a smaller share of a cost that has the penalty in it.
    #expect(balanced.across.chance == found.across.chance)
    #expect(balanced.across.effect / found.across.effect < 1)
    #expect(balanced.across.effect / found.across.effect > 0.3)
  }

  /// The sums are the plain ones, whatever the parts rows come in.
  @Test func sumsAreThePlainOnes() {
    var stream = RandomStream(seed: 4, name: "plain")
    let residuals = Matrix(rows: 40, columns: 3, values: stream.gaussians(count: 120))
    var codes = SparseCodes(latents: 2, offsets: [0], indices: [], values: [])
    for row in 0..<40 {
      codes.indices.append(Int32(row % 3 == 0 ? 1 : 0))
      codes.values.append(Float(row % 7) - 2.5)
      codes.offsets.append(codes.indices.count)
    }
    var moments = ResidualMoments(latents: 2, width: 3, rows: 40)
    moments.add(codes, residuals, on: compute)
    for latent in 0..<2 {
      for block in 0..<8 {
        for index in 0..<3 {
          var plain = 0.0
          for row in stride(from: block, to: 40, by: 8) where (row % 3 == 0 ? 1 : 0) == latent {
            plain += (Double(row % 7) - 2.5) * Double(residuals[row, index])
          }
          let found = moments.sum(of: latent, block: block)
          #expect(abs(Double(found[found.startIndex + index]) - plain) < 1e-5)
        }
      }
    }
    let energy = codes.values.reduce(0.0) { $0 + Double($1) * Double($1) }
    #expect(abs(moments.energies.reduce(0, +) - energy) < 1e-6)
  }
}

import SparseCoding
import Testing

@testable import Identifiability

/// Latents that fire only where another does, the second dictionary that follows, and what merging saves.
struct NestedLatentsTests {
  private let compute = Compute(threads: 2)

  /// Latent 0 is on with 1 and with 2, 1 only with 0; 3 fires alone.
  private let codes = writtenCodes(
    latents: 4,
    [
      [(0, 2), (1, 1)], [(0, 3), (1, 0.5)], [(0, 1), (2, 4)], [(2, 1)], [(3, 1)],
      [(0, 1), (1, 2)],
    ])

  /// Atoms of several lengths and at no right angles.
  private var atoms: Matrix {
    var atoms = randomAtoms(4, width: 6, seed: 4)
    for index in 0..<6 { atoms[1, index] *= 3 }
    return atoms
  }

  private func nested(_ codes: SparseCodes, _ atoms: BoundedAtoms) -> NestedLatents {
    NestedLatents(of: codes, columns: CodeColumns(codes), on: atoms, compute: compute)
  }

  private func size(_ codes: SparseCodes, _ atoms: Matrix) -> Double {
    let lengths = BoundedAtoms(atoms).lengths
    return zip(codes.indices, codes.values).reduce(0) {
      $0 + lengths[Int($1.0)] * Double(abs($1.1))
    }
  }

  @Test func childrenAreThoseThatNeverFireAlone() throws {
    let bounded = BoundedAtoms(atoms)
    let found = nested(codes, bounded)
    #expect(found.pairs.map { [$0.child, $0.parent, $0.rows] } == [[1, 0, 3]])
    #expect(abs(found.size - size(codes, atoms)) < 1e-9)
    let pair = try #require(found.pairs.first)
    #expect(abs(pair.activity - 3 * 3.5) < 1e-5 && abs(pair.cosine - bounded.cosine(0, 1)) < 1e-12)
    // The least of 2/1, 3/0.5 and 1/2, over the child's length.
    #expect(abs(pair.reach - 0.5 / 3) < 1e-6)
    // One row on its own, and it is no child.
    var alone = codes
    alone.indices[codes.entries(ofRow: 3).lowerBound] = 1
    #expect(nested(alone, bounded).pairs.map { [$0.child, $0.parent] } == [[2, 0]])
  }

  /// Turning the child's atom all of the way, with the codes that go with it: the same reconstructions, and what is saved.
  @Test func theSavingIsThatOfTheMove() throws {
    let bounded = BoundedAtoms(atoms)
    let pair = try #require(nested(codes, bounded).pairs.first)
    let before = codes.values
    for share in [1.0, 1e-4] {
      let reach = share * pair.reach
      // In units of length one: u_1 + e u_0, and z_0 falls by e z_1.
      var moved = atoms
      for index in 0..<6 {
        moved[1, index] = Float(
          Double(atoms[1, index]) / bounded.lengths[1]
            + reach * Double(atoms[0, index]) / bounded.lengths[0])
      }
      var after = codes
      for row in 0..<codes.rows {
        let entries = codes.entries(ofRow: row)
        guard let child = entries.first(where: { codes.indices[$0] == 1 }) else { continue }
        let value = Double(before[child]) * bounded.lengths[1]
        after.values[child] = Float(value)
        for entry in entries where codes.indices[entry] == 0 {
          after.values[entry] -= Float(reach * value / bounded.lengths[0])
          #expect(after.values[entry] >= -1e-6)
        }
      }
      let difference = size(codes, atoms) - size(after, moved)
      if share == 1 {
        #expect(abs(difference - pair.saving) < 1e-5)
      } else {
        #expect(abs(pair.slope * reach - difference) < 0.02 * abs(difference) + 2e-6)
      }
    }
    #expect(pair.slope > 0 && pair.saving > 0)
  }

  /// Whatever the angle and the reach, the formula is that of its definition where this does not cancel.
  @Test func theSavingIsStable() {
    func pair(_ cosine: Double, _ reach: Double) -> NestedLatents.Pair {
      .init(child: 0, parent: 1, rows: 1, cosine: cosine, activity: 2, reach: reach)
    }
    for (cosine, reach) in [(0.0, 1.0), (0.5, 3), (-0.9, 0.2)] {
      let plain = 2 * (1 + reach - (1 + 2 * reach * cosine + reach * reach).squareRoot())
      #expect(abs(pair(cosine, reach).saving - plain) < 1e-12)
    }
    #expect(abs(pair(0.5, 1e-12).saving - 1e-12) < 1e-22)
    #expect(pair(-1 - 2e-16, 1).saving == 4 && pair(1 + 2e-16, 1).saving == 0)
  }

  /// Of many parents eight are kept.
  @Test func ofManyParentsTheBestAreKept() {
    let parents: [(Int, Float)] = (0..<19).map { ($0, Float($0 + 1)) }
    let rows = (0..<40).map { row in row % 2 == 0 ? parents + [(19, 0.1)] : parents }
    let found = nested(
      writtenCodes(latents: 20, rows), BoundedAtoms(randomAtoms(20, width: 30, seed: 1)))
    let own = found.pairs.filter { $0.child == 19 }
    #expect(own.count == 8 && own.map(\.parent) == own.map(\.parent).sorted())
    #expect(own.allSatisfy { $0.rows == 20 })
  }

  @Test func theSecondDictionarySaysTheSameWithOtherAtoms() throws {
    let bounded = BoundedAtoms(atoms)
    let second = SecondDictionary(nested(codes, bounded), on: bounded)
    #expect(second.turned.map(\.child) == [1])
    #expect(second.difference(on: codes, of: bounded) < 1e-6)
    // It is another: the reconstructions of codes that were not changed differ.
    let changed = second.codes(codes)
    #expect(changed != codes && changed.indices == codes.indices)
    #expect(changed.values.allSatisfy { $0 > 0 })
    let other = BoundedAtoms(second.atoms)
    let cosine =
      BoundedAtoms.dot(atoms.row(1), second.atoms.row(1)) / (bounded.lengths[1] * other.lengths[1])
    #expect(abs(second.cosines[1] - cosine) < 1e-6)
    #expect(second.cosines[0] == 1 && second.atoms.row(0) == atoms.row(0))
  }

  /// A chain: the middle is a child of the first or a parent of the last, not both at once.
  @Test func aParentStaysWhereItIs() {
    let chain = writtenCodes(
      latents: 3, [[(0, 1)], [(0, 1), (1, 2)], [(0, 2), (1, 1), (2, -1)]])
    let bounded = BoundedAtoms(axes(3, width: 3))
    let found = nested(chain, bounded)
    #expect(found.pairs.map { [$0.child, $0.parent] } == [[1, 0], [2, 0], [2, 1]])
    let second = SecondDictionary(found, on: bounded)
    #expect(second.turned.map { [$0.child, $0.parent] } == [[1, 0], [2, 0]])
    #expect(second.difference(on: chain, of: bounded) < 1e-6)
    #expect(abs(second.cosines[1] - 0.2.squareRoot()) < 1e-12)
  }
}

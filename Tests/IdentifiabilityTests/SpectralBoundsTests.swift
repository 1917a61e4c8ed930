import SparseCoding
import Testing

@testable import Identifiability

/// Bounds for every support from the spectrum of all atoms.
struct SpectralBoundsTests {
  private let compute = Compute(threads: 2)

  @Test func noSupportIsOutside() throws {
    let bounded = BoundedAtoms(randomAtoms(7, width: 9, seed: 5))
    let bounds = try #require(SpectralBounds(bounded))
    var (least, greatest) = (Double.infinity, 0.0)
    for pattern in 1..<128 {
      let found = bounded.conditioning(of: (0..<7).filter { pattern >> $0 & 1 == 1 })
      #expect(found.least.upperBound >= bounds.least)
      #expect(found.greatest.lowerBound <= bounds.greatest)
      #expect(found.deltaAtLeast <= bounds.delta)
      least = min(least, found.least.lowerBound)
      greatest = max(greatest, found.greatest.upperBound)
    }
    // And they are those of all atoms, not just far outside.
    #expect(bounds.greatest < greatest + 1e-9 && bounds.least > least - 1e-9)
  }

  /// Forty atoms that all lean to one direction: each cosine is 0.3, so that Gershgorin says nothing of five.
  @Test func itProvesWhereCosinesOneByOneDoNot() throws {
    var atoms = axes(40, width: 41)
    for atom in 0..<40 {
      (atoms[atom, atom], atoms[atom, 40]) = (Float(0.7).squareRoot(), Float(0.3).squareRoot())
    }
    let bounds = try #require(SpectralBounds(BoundedAtoms(atoms)))
    #expect(bounds.least > 0.69 && bounds.least <= 0.7 + 1e-6)
    #expect(abs(bounds.greatest - (0.7 + 40 * 0.3)) < 1e-4)
    let coherence = Coherence(of: BoundedAtoms(atoms), upTo: 8, on: compute)
    #expect(coherence.babel[4] > 1)
  }

  @Test func moreAtomsThanDimensionsAreLeftOut() {
    #expect(SpectralBounds(BoundedAtoms(randomAtoms(9, width: 8, seed: 6))) == nil)
    #expect(SpectralBounds(BoundedAtoms(randomAtoms(8, width: 8, seed: 6))) != nil)
  }
}

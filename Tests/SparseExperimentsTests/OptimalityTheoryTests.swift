import Elute
import Testing

@testable import SparseExperiments

/// Statements about optimal dictionaries, on instances that are quickly learned.
struct OptimalityTheoryTests {
  private func record(
    _ statement: TheoryStatement, features: Int, width: Int, latents: Int, steps: Int,
    instances: Int = 2
  ) -> TheoryRecord {
    TheoryRecord(
      Experiment.TheoryCase(
        id: "x", statement: statement, about: "", features: features, width: width,
        latents: latents, instances: instances, steps: steps),
      compute: Compute(threads: 2))
  }

  @Test func conditionsHoldAtTheEnd() {
    let found = record(.firstOrder, features: 6, width: 5, latents: 6, steps: 3000)
    for name in ["code_error", "atom_error", "pair_error", "residual_error"] {
      #expect((found.measures[name]?.value ?? 1) < 1e-5, "\(name)")
    }
    // Long before the end they do not.
    let early = record(.firstOrder, features: 6, width: 5, latents: 6, steps: 1)
    #expect((early.measures["atom_error"]?.value ?? 0) > 1e-3)
    #expect((early.measures["code_error"]?.value ?? 1) < 1e-5, "codes are exact at once")
  }

  @Test func hierarchiesFallAtTheSlopePredicted() {
    let found = record(.hierarchy, features: 2, width: 4, latents: 2, steps: 2000, instances: 6)
    #expect(abs((found.measures["slope_ratio"]?.value ?? 0) - 1) < 0.01)
    #expect((found.measures["ray_gap"]?.value ?? 1) < 1e-4)
  }

  @Test func splittingStopsOnRaysAlone() {
    let rays = record(.splittingOnRays, features: 6, width: 5, latents: 24, steps: 200)
    #expect((rays.measures["ray_gap"]?.value ?? 1) < 1e-6)
    #expect(rays.measures["children_growth"]?.value == 1)
    #expect(rays.measures["children_per_parent"]?.value == 2)
    let all = record(.splittingEverywhere, features: 6, width: 5, latents: 24, steps: 100)
    #expect((all.measures["children_growth"]?.value ?? 0) > 1.9)
    #expect((all.measures["ray_gap"]?.value ?? 0) > 0.005)
    #expect(all.curves.first?.lines.first?.x == [0.5, 1, 2, 4])
  }

  @Test func aDenseDirectionBecomesTwoAtoms() {
    let found = record(.densePair, features: 4, width: 6, latents: 8, steps: 200)
    #expect((found.measures["pair_cosine"]?.value ?? 0) < -0.98)
    #expect((found.measures["co_activity"]?.value ?? 1) < 0.02)
    #expect((found.measures["pair_density"]?.value ?? 0) > 0.7)
  }
}

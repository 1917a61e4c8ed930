import RunRecords
import Testing

@testable import ExperimentReports

@Suite struct MilestonesTests {
  private func curve(_ errors: [Double?]) -> [CurvePoint] {
    errors.enumerated().map { index, fvu in
      CurvePoint(step: index * 10, loss: 1, objective: 1, fvu: fvu, l0: 1, deadFraction: 0, lr: 1)
    }
  }

  private func point(_ step: Int, _ live: Double, null: Double = 0.5) -> AgreementPoint {
    AgreementPoint(
      step: step, mmcsAll: 0, isotropic: 0, mmcsLive: live, nullMmcsLive: null,
      nullLow: null - 0.01, nullHigh: null + 0.01, live: 1)
  }

  @Test func saturationMustLast() {
    #expect(Milestones.saturation(of: curve([1, 0.104, 0.2, nil, 0.105, 0.1])) == 40)
    #expect(Milestones.saturation(of: curve([0.1, 0.1])) == 0)
  }

  @Test(arguments: [[], [0.1], [1, 0.5], [nil, nil], [1, .nan, 0.5, 0.5]] as [[Double?]])
  func saturationIsNotClaimedWhereItIsNotSeen(_ errors: [Double?]) {
    #expect(Milestones.saturation(of: curve(errors)) == nil)
  }

  @Test func onsetMustLast() {
    let points = [point(0, 0.6), point(10, 0.5), point(20, 0.52), point(30, 0.7)]
    #expect(Milestones.onset(of: points) == 20)
    #expect(Milestones.onset(of: [point(0, 0.6), point(10, .nan)]) == nil)
    #expect(Milestones.onset(of: []) == nil)
  }

  @Test func movementIsMeasuredOverAtLeastOneDoubling() throws {
    let points = [point(0, 0.5), point(40, 0.55), point(60, 0.6), point(100, 0.75)]
    let movement = try #require(Milestones.lastMovement(of: points))
    #expect(movement.from == 40)
    #expect(abs(movement.change - 0.4) < 1e-12)
    #expect(Milestones.lastMovement(of: [point(0, 0.5), point(100, 0.7)]) == nil)
  }

  @Test func kappaIsZeroAtChanceAndOneIfIdentical() {
    #expect(point(0, 0.5).kappa == 0)
    #expect(point(0, 1).kappa == 1)
    #expect(point(0, 1, null: 1).kappa.isNaN)
  }

  @Test func chancesRangeHolds999Permille() throws {
    let pair = sampleComparison(seeds: 2, latents: 8).pairs[0]
    let range = try #require(pair.chanceRange)
    #expect(abs(range.upperBound - 0.622 - 3.2905 * 0.002) < 1e-12)
    var exact = pair
    exact.nullMmcsDeviation = 0
    #expect(exact.chanceRange == nil)
  }
}

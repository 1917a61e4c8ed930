import Elute
import Testing

@testable import SparseExperiments

struct JudgingTests {
  private func cell(_ id: String, _ value: Double, _ half: Double?) -> CellRecord {
    var cell = CellRecord(
      id: id, records: [record(densities: [1, 1])], comparison: nil)
    cell.measures = [
      "fvu": Measured(value: value, interval: half.map { [value - $0, value + $0] })
    ]
    return cell
  }

  private func judge(
    _ relation: Experiment.Relation, _ value: (Double, Double?), than other: (Double, Double?)?,
    published: Double? = nil, tolerance: Double = 0
  ) -> JudgedExpectation {
    let expectation = Experiment.Expectation(
      id: "e", statement: "", source: "", measure: .fvu, cell: "d/a",
      than: other == nil ? nil : "d/b", relation: relation, published: published,
      tolerance: tolerance, given: [])
    let others = other.map { [cell("d/b", $0.0, $0.1)] } ?? []
    return expectation.judged(MeasuredCells(cells: [cell("d/a", value.0, value.1)] + others))
  }

  @Test func aDifferenceIsJudgedByItsWholeInterval() {
    #expect(judge(.below, (1, 0.3), than: (2, 0.4)).verdict == .reproduced)
    #expect(judge(.below, (2, 0.3), than: (1, 0.4)).verdict == .notReproduced)
    #expect(judge(.below, (1, 0.3), than: (1.4, 0.4)).verdict == .inconclusive)
    #expect(judge(.above, (2, 0.3), than: (1, 0.4)).verdict == .reproduced)
    #expect(judge(.above, (1, 0.3), than: (2, 0.4)).verdict == .notReproduced)
    #expect(judge(.below, (2, 0.3), than: (1, 0.4), tolerance: 2).verdict == .reproduced)
    #expect(judge(.below, (1, nil), than: (2, 0.4)).verdict == .inconclusive)
    let judged = judge(.below, (1, 0.3), than: (2, 0.4))
    // 0.3 and 0.4 make 0.5.
    #expect(judged.measured == -1)
    #expect(abs((judged.interval?[0] ?? 0) + 1.5) < 1e-12)
    #expect(abs((judged.interval?[1] ?? 0) + 0.5) < 1e-12)
  }

  @Test func aPublishedValueIsNearOrNot() {
    func near(_ value: Double, _ half: Double) -> ExperimentVerdict {
      judge(.near, (value, half), than: nil, published: 10, tolerance: 1).verdict
    }
    #expect(near(10.2, 0.5) == .reproduced)
    #expect(near(10.8, 0.5) == .inconclusive)
    #expect(near(12, 0.5) == .notReproduced)
    #expect(near(8, 0.5) == .notReproduced)
    #expect(judge(.above, (12, 1), than: nil, published: 10).verdict == .reproduced)
  }

  @Test func compatibleIsWhatCannotBeToldApart() {
    func compatible(_ value: Double, _ half: Double, _ tolerance: Double) -> ExperimentVerdict {
      judge(.compatible, (value, half), than: nil, published: 10, tolerance: tolerance).verdict
    }
    #expect(compatible(12, 3, 0) == .reproduced)
    #expect(compatible(12, 1, 0) == .notReproduced)
    #expect(compatible(12, 1, 1.5) == .reproduced)
    #expect(judge(.compatible, (12, nil), than: nil, published: 10).verdict == .inconclusive)
  }

  @Test func anEpochIsThatOfTheNearestSnapshot() {
    var curved = cell("d/a", 9, 0.1)
    curved.snapshots = [(0, 0.0), (10, 1.0), (100, 10.0), (1000, 100.0)].map {
      MeasuredStep(
        step: $0.0, epoch: $0.1,
        measures: ["fvu": Measured(value: $0.1, interval: [$0.1 - 0.5, $0.1 + 0.5])])
    }
    let cells = MeasuredCells(cells: [curved])
    #expect(cells.value(.fvu, of: "d/a", at: 14)?.value == 10)
    #expect(cells.value(.fvu, of: "d/a", at: 7)?.value == 10)
    #expect(cells.value(.fvu, of: "d/a", at: 70)?.value == 100)
    // Half of it further away is another epoch.
    #expect(cells.value(.fvu, of: "d/a", at: 30) == nil)
    #expect(cells.value(.fvu, of: "d/a", at: 1000) == nil)
    #expect(cells.value(.fvu, of: "d/a", at: nil)?.value == 9)
    #expect(cells.value(.mmcs, of: "d/a", at: 10) == nil)
    let expectation = Experiment.Expectation(
      id: "e", statement: "", source: "", measure: .fvu, cell: "d/a", than: "d/a", epoch: 100,
      thanEpoch: 10, relation: .above, published: nil, tolerance: 0, given: [])
    #expect(expectation.judged(cells).measured == 90)
    #expect(expectation.judged(cells).verdict == .reproduced)
  }

  /// Over d_sae of 1, e and e² a line of slope 2, and its interval by hand.
  @Test func aSlopeIsOverTheLogarithmOfTheSize() throws {
    let cells = [(1, 5.0, 0.1), (7, 9.0, 0.7), (49, 13.0, 0.1)].map { size, value, half in
      var cell = cell("d/\(size)", value, half)
      cell.settings.dSae = size
      return cell
    }
    let slope = try #require(
      MeasuredCells(cells: cells).slope(.fvu, over: ["d/1", "d/7", "d/49"]))
    let step = 1.945910149055313
    #expect(abs(slope.value - 4 / step) < 1e-12)
    // Weights -1 / (2 step), 0 and 1 / (2 step): the middle cell does not count.
    let half = (2 * 0.01).squareRoot() / (2 * step)
    #expect(abs((slope.interval?[1] ?? 0) - slope.value - half) < 1e-12)
    #expect(MeasuredCells(cells: cells).slope(.fvu, over: ["d/1", "d/9"]) == nil)
  }

  /// A claim at matched sparsity is not tested where sparsity is not matched.
  @Test func aClaimWhosePremiseFailsIsInconclusive() throws {
    let place = try Place()
    func claims(_ published: Double) -> String {
      """
      {"id": "l0", "statement": "", "source": "", "measure": "l0", "cell": "mod113/relu",
       "relation": "near", "published": \(published), "tolerance": 1},
      """ + expectation.replacing(#""tolerance": 0"#, with: #""tolerance": 0, "given": ["l0"]"#)
    }
    func verdicts(_ published: Double) throws -> [ExperimentVerdict] {
      let found = try experiment(experimentText(expectations: claims(published)), in: place)
      var cells = [cell("mod113/topk", 1, 0.1), cell("mod113/relu", 2, 0.1)]
      cells[1].measures["l0"] = Measured(value: 5, interval: [4.9, 5.1])
      let tier = try #require(found.tiers["smoke"])
      return found.judged(MeasuredCells(cells: cells), of: tier).map(\.verdict)
    }
    #expect(try verdicts(5) == [.reproduced, .reproduced])
    #expect(try verdicts(9) == [.notReproduced, .inconclusive])
  }

  @Test func whatWasNotRunIsNotJudged() {
    let expectation = Experiment.Expectation(
      id: "e", statement: "", source: "", measure: .fvu, cell: "d/a", than: "d/b",
      relation: .below, published: nil, tolerance: 0, given: [])
    #expect(expectation.judged(MeasuredCells(cells: [cell("d/a", 1, 0.1)])).verdict == .notRun)
    var unmeasured = cell("d/b", 1, 0.1)
    unmeasured.measures = [:]
    #expect(
      expectation.judged(MeasuredCells(cells: [cell("d/a", 1, 0.1), unmeasured])).verdict
        == .inconclusive)
    #expect(expectation.judged(MeasuredCells(cells: [cell("d/b", 1, 0.1)])).measured == nil)
  }

  /// 2 ± t(2) 1 / sqrt(3), with t = 4.3027.
  @Test func seedsGiveStudentsInterval() {
    let measured = Measured(seeds: [1, 2, 3])
    #expect(measured.value == 2)
    #expect(abs((measured.interval?[1] ?? 0) - 4.48416) < 1e-4)
    #expect(Measured(seeds: [1]).interval == nil)
  }
}

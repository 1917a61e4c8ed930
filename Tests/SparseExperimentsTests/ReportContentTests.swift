import Elute
import Testing

@testable import SparseExperiments

@Suite("the content of a report") struct ReportContentTests {
  private func run(
    in place: Place, seeds: [UInt64], snapshots: Int = 4
  ) throws -> RunFolder {
    let plan = try plan {
      $0.seeds = seeds
      $0.snapshots = snapshots
    }
    let run = try TrainingRun(plan, rows: planted, path: "p", out: place.file("r"))
    _ = try run.train(resume: false, compute: oneThread)
    return run.folder
  }

  @Test("several seeds have records, a comparison, their agreement over training and latents")
  func severalSeeds() throws {
    let place = try Place()
    let folder = try run(in: place, seeds: [0, 1, 2])
    let content = try reportContent(
      of: folder, rows: planted, introduction: ["Hello."], rowName: { "#\($0)" },
      compute: oneThread)
    #expect(content.title == "Sparse dictionaries: r")
    #expect(content.introduction == ["Hello."])
    #expect(content.runs.map(\.seed) == [0, 1, 2])
    let comparison = try #require(content.comparison)
    // Live on the rows held out, as the records say, with what only rows can tell beside it.
    let plain = try compare(
      NamedDictionary.open([folder.path]), options: .init(), compute: oneThread)
    #expect(comparison.pairs.map(\.bestCosines) == plain.pairs.map(\.bestCosines))
    #expect(comparison.kappa == plain.kappa)
    #expect(comparison.codeIoU != nil && plain.codeIoU == nil)
    #expect(Set(comparison.controls.keys) == ["step_0", "data_draw", "pca", "k_means"])
    #expect(content.agreement.map(\.step) == [0, 1, 8, 60])
    #expect(content.mostReplicated.count == 8)
    #expect(content.leastReplicated.count <= 8)
    for latent in content.mostReplicated + content.leastReplicated {
      #expect(latent.bestCosines.count == 2)
      #expect(latent.topInputs.allSatisfy { $0.name.hasPrefix("#") })
    }
    let replication = content.mostReplicated.map(\.replication)
    #expect(replication == replication.sorted(by: >))
    // At the end the snapshots are the dictionaries themselves.
    let last = try #require(content.agreement.last)
    #expect(abs(last.mmcsAll - comparison.mmcsAll) < 1e-6)
    #expect(last.nullLow < last.nullMmcsLive && last.nullMmcsLive < last.nullHigh)
    #expect(!htmlReport(content).isEmpty)
  }

  @Test("one seed has no comparison, and no rows mean no inputs")
  func oneSeed() throws {
    let place = try Place()
    let folder = try run(in: place, seeds: [4], snapshots: 0)
    let content = try reportContent(of: folder, rows: nil, title: "T", compute: oneThread)
    #expect(content.title == "T")
    #expect(content.runs.map(\.seed) == [4])
    #expect(content.comparison == nil)
    #expect(content.agreement.isEmpty)
    #expect(content.mostReplicated.isEmpty)
  }

  @Test("rows that are not the run's are refused")
  func otherRows() throws {
    let place = try Place()
    let folder = try run(in: place, seeds: [0, 1], snapshots: 0)
    var other = planted
    other[0, 0] += 1
    let error = #expect(throws: TensorFileError.self) {
      try reportContent(of: folder, rows: other, compute: oneThread)
    }
    #expect(error?.location == .key("data.fingerprint"))
  }

  @Test("agreement over training is that of the snapshots; equal decoders agree fully")
  func agreement() throws {
    let place = try Place()
    let folder = RunFolder(place.path)
    let axes = matrix(CompareTests.axes)
    for (seed, order) in [[0, 1, 2, 3], [3, 1, 0, 2]].enumerated() {
      let shuffled = axes.selecting(rows: order)
      for step in [0, 5] where seed == 0 || step == 5 {
        try Snapshot(step: step, decoder: shuffled, densities: [1, 1, 1, 1])
          .write(to: folder.seed(UInt64(seed)).snapshots)
      }
    }
    let points = try agreementOverTraining(
      folder, records: [record(seed: 0, densities: []), record(seed: 1, densities: [])],
      compute: oneThread)
    #expect(points.map(\.step) == [5])
    #expect(points[0].mmcsAll == 1)
    #expect(points[0].mmcsLive == 1)
    #expect(points[0].live == 4)
    #expect(
      points[0].isotropic
        == IsotropicNull(width: 4, atoms: 4, convention: .absolute).expectedMMCS)
    #expect(
      try agreementOverTraining(
        folder, records: [record(seed: 0, densities: [])], compute: oneThread
      ).isEmpty)
  }

  @Test("latents that were never resampled are compared apart, where some were")
  func untouched() throws {
    let place = try Place()
    let folder = RunFolder(place.path)
    // The second run has the first two atoms of the first, and two of its own.
    let second = CompareTests.axes.prefix(2) + [[0, 0, 0.6, 0.8], [0, 0, 0.8, -0.6]]
    for (seed, atoms) in [CompareTests.axes, Array(second)].enumerated() {
      for (step, resampled) in [(0, []), (5, [2, 3])] {
        try Snapshot(
          step: step, decoder: matrix(atoms), densities: [1, 1, 1, 1], resampled: resampled
        ).write(to: folder.seed(UInt64(seed)).snapshots)
      }
    }
    let records = [0, 1].map { record(seed: $0, densities: []) }
    let points = try agreementOverTraining(folder, records: records, compute: oneThread)
    #expect(points[0].untouched == nil)
    let rest = try #require(points[1].untouched)
    #expect(rest.atoms == 2)
    #expect(rest.mmcs == 1)
    #expect(points[1].mmcsLive < 1)
    #expect(points[1].matchedNull?.isFinite == true)
    // Latents that the decoder does not have are refused.
    try Snapshot(step: 5, decoder: matrix(second.dropLast()), densities: [1, 1, 1], resampled: [3])
      .write(to: folder.seed(1).snapshots)
    #expect(throws: TensorFileError.self) {
      try agreementOverTraining(folder, records: records, compute: oneThread)
    }
  }
}

import Elute
import Testing

@testable import SparseExperiments

/// What dictionaries find of planted directions: by hand, by training, and on the disk.
@Suite("recovery of planted directions") struct SpikeRecoveryTests {
  /// Six directions of width 64 that fire one by one on rows of zeros, and a dictionary of the first three.
  private func byHand() -> (spikes: SpikeIn, rows: TrainingRows, coder: SparseCoder) {
    let spikes = SpikeIn(
      [0.2, 0.1, 0.01, 0.1, 0.01, 0.0001].map { .init(frequency: $0, strength: 1) }, width: 64,
      deviation: 3, seed: 4)
    let rows = spikes.planted(in: Matrix(rows: 4000, columns: 64, repeating: 0))
    let atoms = (0..<3).map { Array(spikes.directions.row($0)) }
    return (spikes, TrainingRows(rows, holdOut: .every(rows: 4)), coder(atoms, k: 3))
  }

  @Test("atoms that are planted directions are found, and no others")
  func cosines() throws {
    let (spikes, rows, coder) = byHand()
    let record = try SpikeRecord(of: coder, spikes, in: rows, compute: oneThread)
    #expect(record.directions.map(\.isFound) == [true, true, true, false, false, false])
    #expect((0..<3).allSatisfy { record.directions[$0].latent == $0 })
    #expect((record.planted, record.found, record.foundStrictly) == (6, 3, 3))
    #expect(record.nullFound == 0 && record.nullCosines.count == 6)
    #expect(record.nullCosine < 0.5 && record.meanCosine > 0.5)
    #expect(record.convention == "signed")
    // Negated atoms are not the directions of codes that are never negative.
    let negated = SparseExperimentsTests.coder(
      (0..<3).map { spikes.directions.row($0).map { -$0 } }, k: 3)
    #expect(try SpikeRecord(of: negated, spikes, in: rows, compute: oneThread).found == 0)
  }

  @Test("firings are counted apart on rows that train and rows that are evaluated")
  func firings() throws {
    let (spikes, rows, coder) = byHand()
    let record = try SpikeRecord(of: coder, spikes, in: rows, compute: oneThread)
    let held = Set(stride(from: 0, to: 4000, by: 4))
    for (index, direction) in record.directions.enumerated() {
      let all = spikes.firings(of: index, in: 0..<4000)
      #expect(direction.evaluatedFirings == all.count { held.contains($0) })
      #expect(direction.trainingFirings == all.count { !held.contains($0) })
    }
    // A latent that is a direction is active wherever that fires, unless others cancel it.
    let first = record.directions[0]
    #expect(first.jointFirings > first.evaluatedFirings * 9 / 10)
    #expect(try #require(first.firingCorrelation) > 0.5)
    #expect(record.directions[5].firingCorrelation == nil)
    let without = TrainingRows(rows.source, holdOut: .none)
    let whole = try SpikeRecord(of: coder, spikes, in: without, compute: oneThread)
    #expect(whole.directions.allSatisfy { $0.trainingFirings == $0.evaluatedFirings })
  }

  @Test("the correlation of firings is Pearson's of two indicators")
  func correlation() throws {
    let (spikes, rows, coder) = byHand()
    let record = try SpikeRecord(of: coder, spikes, in: rows, compute: oneThread)
    let held = stride(from: 0, to: 4000, by: 4).map { $0 }
    let codes = coder.encode(try rows.source.matrix(ofRows: held), on: oneThread)
    let fires = Set(spikes.firings(of: 1, in: 0..<4000))
    let pairs = held.enumerated().map { place, row in
      (
        fires.contains(row) ? 1.0 : 0.0,
        codes.entries(ofRow: place).contains { codes.indices[$0] == 1 } ? 1.0 : 0.0
      )
    }
    let n = Double(pairs.count)
    let (a, b) = (pairs.reduce(0) { $0 + $1.0 } / n, pairs.reduce(0) { $0 + $1.1 } / n)
    let covariance = pairs.reduce(0) { $0 + ($1.0 - a) * ($1.1 - b) } / n
    let expected = covariance / (a * (1 - a) * b * (1 - b)).squareRoot()
    #expect(abs(try #require(record.directions[1].firingCorrelation) - expected) < 1e-9)
  }

  @Test("of several runs, a direction counts that at least half of them found")
  func pooled() {
    func record(_ cosines: [Float]) -> SpikeRecord {
      SpikeRecord(
        seed: 0, deviation: 1, addedVariance: 0, convention: "signed",
        directions: cosines.enumerated().map { index, cosine in
          .init(
            frequency: index < 2 ? 0.1 : 0.01, strength: 1, role: index == 4 ? .parent : .alone,
            trainingFirings: 1, evaluatedFirings: 1, cosine: cosine, latent: 0, latentFirings: 1,
            jointFirings: 1, firingCorrelation: nil)
        }, nullCosines: [0.1])
    }
    let runs = [[1, 1, 0, 0.95, 1], [1, 0, 0, 0.89, 1], [1, 0, 1, 0.2, 1]].map {
      record($0.map { Float($0) })
    }
    let levels = spikeVisibility(of: runs)
    #expect(levels.count == 1 && levels[0].frequency == 0.1)
    #expect(levels[0].cells.map(\.planted) == [2, 2])
    #expect(levels[0].cells.map(\.found) == [1, 0])
    #expect(spikeVisibility(of: [runs[0]])[0].cells.map(\.found) == [2, 1])
    #expect(spikeVisibility(of: [runs[0]])[0].frequency == 0.01)
    #expect(spikeVisibility(of: []).isEmpty)
  }

  /// Rows with features of their own, wide enough that chance is low.
  private static let rows = PlantedDictionary(width: 32, features: 40, active: 3, noise: 0.2)
    .rows(count: 4000, on: oneThread)

  private func trained(_ spikes: Int?, in place: Place, _ name: String) throws -> RunRecord {
    var settings = TrainSettings()
    settings.dSae = 96
    settings.k = 4
    settings.batch = 256
    settings.steps = 600
    settings.lr = 3e-3
    settings.spikeIn = spikes
    let plan = try settings.resolved(site: Site(name: "here", width: 32), rows: 4000)
    let run = try TrainingRun(plan, rows: Self.rows, path: "p.npy", out: place.file(name))
    _ = try run.train(resume: false, compute: oneThread)
    return try run.folder.seed(0).readRecord()
  }

  @Test("what is common and strong is found, and what is on one row and weak is at chance")
  func training() throws {
    let place = try Place()
    let record = try trained(48, in: place, "spiked")
    let spikes = try #require(record.spikeIn)
    let strong = spikes.directions.filter { $0.strength == 1 && $0.frequency > 0.02 }
    #expect(strong.count == 3 && strong.allSatisfy(\.isFound))
    #expect(strong.allSatisfy { ($0.firingCorrelation ?? 0) > 0.3 })
    let hopeless = spikes.directions.filter { $0.strength == 0.125 && $0.frequency < 0.001 }
    #expect(hopeless.count == 3 && !hopeless.contains(where: \.isFound))
    let mean = hopeless.reduce(0) { $0 + Double($1.cosine) } / 3
    #expect(abs(mean - spikes.nullCosine) < 0.15)
    #expect(try #require(spikes.visibility.first?.frequency) > 1.0 / 3600)
    #expect(spikes.visibility.last?.frequency == nil)
    #expect(record.settings.method["spike_in"] == "48")
    #expect(record.settings.method["spike_seed"] == "0")
  }

  @Test("a run without planted directions has no trace of them")
  func absent() throws {
    let place = try Place()
    let record = try trained(nil, in: place, "plain")
    #expect(record.spikeIn == nil)
    #expect(record.settings.method["spike_in"] == nil)
    let text = String(decoding: place.bytes("plain/seed-0/record.json"), as: UTF8.self)
    #expect(!text.contains("spike"))
    let cfg = String(decoding: place.bytes("plain/seed-0/dictionary/cfg.json"), as: UTF8.self)
    #expect(!cfg.contains("spike"))
  }
}

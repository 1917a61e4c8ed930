import Elute
import Testing

@testable import SparseExperiments

/// Planted directions as settings of a run: refused, resumed, and named where runs are compared.
@Suite("spike-in as a setting") struct SpikeSettingsTests {
  private func error(_ change: (inout TrainSettings) -> Void) -> ConfigurationError? {
    do {
      _ = try plan(change)
      return nil
    } catch {
      return error as? ConfigurationError
    }
  }

  @Test("what cannot be planted is refused")
  func refusals() throws {
    #expect(error { $0.spikeIn = 12 } == nil)
    #expect(error { $0.spikeIn = 11 }?.found == "11")
    #expect(error { $0.spikeIn = 25 }?.expected == "12 to 1024, and at most d_sae, 24")
    #expect(error { $0.spikeSeed = 3 }?.key == "spike_seed")
    #expect(
      error {
        $0.spikeIn = 12
        $0.holdout = "0.7"
      }?.found == "90 rows that train")
    var both = settings { $0.spikeIn = 12 }
    both.data = "a.npy"
    both.target = "b.npy"
    let sites = [Site(name: "a", width: 8), Site(name: "b", width: 8)]
    let transcoder = #expect(throws: ConfigurationError.self) {
      try both.resolved(sites: sites, rows: 300)
    }
    #expect(transcoder?.key == "spike_in" && transcoder?.found == "a transcoder")
    both.data = nil
    both.target = nil
    both.sources = ["a.npy", "b.npy"]
    let crosscoder = #expect(throws: ConfigurationError.self) {
      try both.resolved(sites: sites, rows: 300)
    }
    #expect(crosscoder?.found == "a crosscoder")
  }

  private func bits(_ place: Place, _ name: String) -> [UInt8] {
    place.bytes("\(name)/seed-0/dictionary/sae_weights.safetensors")
  }

  private func train(
    _ plan: RunPlan, in place: Place, _ name: String, stopAt stop: Int? = nil
  ) throws {
    let run = try TrainingRun(plan, rows: planted, path: "p.npy", out: place.file(name))
    _ = try run.train(resume: true, compute: oneThread) { $0.step == stop ? .stop : .goOn }
  }

  @Test("a resumed run sees the rows of the whole one; other rows are refused")
  func resumed() throws {
    let place = try Place()
    let plan = try plan { $0.spikeIn = 12 }
    try train(plan, in: place, "whole")
    try train(plan, in: place, "r", stopAt: 23)
    try train(plan, in: place, "r")
    #expect(!bits(place, "r").isEmpty && bits(place, "r") == bits(place, "whole"))
    for change in [
      { $0.spikeIn = 13 },
      {
        $0.spikeIn = 12
        $0.spikeSeed = 1
      }, { _ in },
    ] as [(inout TrainSettings) -> Void] {
      let other = try SparseExperimentsTests.plan(change)
      let error = #expect(throws: ConfigurationError.self) { try train(other, in: place, "r") }
      #expect(error?.key.hasPrefix("spike_") == true)
      // Another seed gives other rows, and none give those of the data.
      try train(other, in: place, "other-\(other.spikes?.seed ?? 9)-\(other.spikes?.count ?? 0)")
    }
    let all = place.names().map { bits(place, $0) }
    #expect(Set(all).count == 4)
    let description = try RunFolder(place.file("r")).description()
    #expect(description.plan == plan)
  }

  @Test("data with other planted directions are other data where runs are compared")
  func compared() throws {
    let place = try Place()
    try train(try plan { $0.spikeIn = 12 }, in: place, "a")
    try train(
      try plan {
        $0.spikeIn = 12
        $0.seeds = [0, 1]
      }, in: place, "b")
    try train(try plan { $0.seeds = [1] }, in: place, "c")
    func sharing(_ paths: String...) throws -> Sharing {
      try compare(
        try NamedDictionary.open(paths.map { place.file($0) }), options: ComparisonOptions(),
        compute: oneThread
      ).shared.data
    }
    #expect(try sharing("a/seed-0", "b/seed-1") == .same)
    #expect(try sharing("a/seed-0", "c/seed-1") == .different)
  }

  @Test("memory is counted for the copy of the rows that is planted in")
  func memory() throws {
    func bytes(_ spikes: Int?, streaming: Bool) throws -> Int {
      RunEstimate(
        try plan { $0.spikeIn = spikes }, rows: 10_000_000, compute: oneThread,
        streaming: streaming
      ).memoryBytes
    }
    let rows = 10_000_000 * 8 * 4
    #expect(try bytes(12, streaming: false) >= 2 * rows)
    #expect(try bytes(nil, streaming: false) < 2 * rows + 1 << 27)
    #expect(try bytes(12, streaming: true) == bytes(nil, streaming: true))
  }
}

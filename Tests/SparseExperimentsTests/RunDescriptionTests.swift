import Elute
import Foundation
import Testing

@testable import SparseExperiments

@Suite("the description of a run") struct RunDescriptionTests {
  static let changes: [@Sendable (inout TrainSettings) -> Void] = [
    { _ in },
    {
      $0.schedule = "cosine"
      $0.decay = 7
      $0.warmup = 3
      $0.lr = 0.1 + 0.2
    },
    {
      $0.dead = "none"
      $0.clip = 0.1
      $0.normalize = "none"
      $0.dataSeed = .max
      $0.seeds = [0, 9, 1 << 63]
    },
    {
      $0.auxkCoefficient = 1.0 / 3
      $0.auxkK = 2
      $0.deadAfterRows = 5
      $0.holdout = "0.3"
      $0.snapshots = 9
    },
    {
      $0.holdout = "none"
      $0.schedule = "linear"
      $0.encoderScale = 0.7
      $0.decoderRate = 3
      $0.beta1 = 0
      $0.epsilon = 1e-12
    },
  ]

  @Test("the plan that was written is the plan that is read", arguments: 0..<changes.count)
  func roundTrip(_ number: Int) throws {
    let plan = try plan(Self.changes[number])
    let description = RunDescription(
      plan: plan,
      data: .init(path: "p", site: "here", rows: 300, heldOutRows: 30, fingerprint: "f"),
      host: .init(oneThread))
    let text = try JSONFile.text(of: description)
    #expect(
      try JSONFile.decoder.decode(RunDescription.self, from: Data(text.utf8)) == description)
  }

  @Test("every key is in lower case, and the machine is there")
  func keys() throws {
    let place = try Place()
    let run = try TrainingRun(plan(), rows: planted, path: "p", out: place.file("r"))
    _ = try run.train(resume: false, compute: oneThread)
    func check(_ value: Any) {
      for (key, inner) in value as? [String: Any] ?? [:] {
        #expect(key.wholeMatch(of: /[a-z][a-z0-9_]*/) != nil, "\(key)")
        check(inner)
      }
      for inner in value as? [Any] ?? [] { check(inner) }
    }
    for name in ["r/run.json", "r/seed-0/record.json"] {
      let object = try #require(
        try JSONSerialization.jsonObject(with: Data(place.bytes(name))) as? [String: Any])
      check(object)
      let host = try #require(object["host"] as? [String: Any])
      #expect(Set(host.keys) == ["description", "kernels", "threads"])
      let settings = try #require(object["settings"] as? [String: Any])
      #expect(settings["holdout"] as? String == "every:10")
      #expect(settings["d_sae"] as? Int == 24)
    }
  }

  @Test("settings that resolve to no plan are named")
  func impossible() throws {
    var text = try JSONFile.text(
      of: RunDescription(
        plan: plan(),
        data: .init(path: "p", site: "here", rows: 300, heldOutRows: 30, fingerprint: "f"),
        host: .init(oneThread)))
    text.replace("\"k\" : 3", with: "\"k\" : 30")
    let error = #expect(throws: TensorFileError.self) {
      try JSONFile.decode(
        RunDescription.self, schema: RunDescription.currentSchema, from: Data(text.utf8), path: "r")
    }
    #expect(error?.found == "a wrong value at 'settings'")
  }
}

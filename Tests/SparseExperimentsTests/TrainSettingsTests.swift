import Elute
import Foundation
import Testing

@testable import SparseExperiments

@Suite("settings") struct TrainSettingsTests {
  /// Every setting with a value of its own, as a file would have it.
  static func all(_ number: Int) throws -> TrainSettings {
    var members: [String: Any] = [:]
    for (index, key) in TrainSettings.CodingKeys.allCases.enumerated() {
      switch key {
      case .data, .target, .anchors, .out, .activation, .schedule, .normalize, .dead, .holdout,
        .decoder, .optimizer, .recipe:
        members[key.rawValue] = "\(number)-\(index)"
      case .sources: members[key.rawValue] = ["\(number)", "\(index)"]
      case .skip, .tied, .aripExact, .anchorCentered: members[key.rawValue] = number == 1
      case .seeds, .matryoshka: members[key.rawValue] = [number, index]
      default: members[key.rawValue] = 100 * number + index
      }
    }
    return try JSONDecoder().decode(
      TrainSettings.self, from: JSONSerialization.data(withJSONObject: members))
  }

  @Test("settings override others key by key, and are silent where they are not set")
  func overriding() throws {
    let (one, two) = (try Self.all(1), try Self.all(2))
    #expect(one != two)
    #expect(one.overriding(two) == one)
    #expect(TrainSettings().overriding(two) == two)
    #expect(one.overriding(TrainSettings()) == one)
    var some = TrainSettings()
    some.k = 7
    var expected = two
    expected.k = 7
    #expect(some.overriding(two) == expected)
  }

  @Test("what is left out has the default that the help states")
  func defaults() throws {
    let plan = try TrainSettings().resolved(site: Site(name: "here", width: 16), rows: 1000)
    #expect(plan.configuration.latents == 128)
    #expect(plan.configuration.activation == .topK(k: 32))
    #expect(plan.configuration.batchRows == 4096)
    #expect(plan.configuration.steps == 10_000)
    #expect(plan.configuration.learningRate == LearningRate(peak: 3e-4, warmup: 0, decay: .none))
    #expect(plan.configuration.optimizer == .adam(Adam(beta1: 0.9, beta2: 0.999, epsilon: 1e-8)))
    #expect(plan.configuration.deadLatents == .auxK(coefficient: 1, k: nil, afterRows: nil))
    #expect(plan.configuration.normalization == .unitMeanSquare)
    #expect(plan.configuration.gradientClip == nil)
    #expect(plan.seeds == [0])
    #expect(plan.dataSeed == nil)
    #expect(plan.holdOut == .every(rows: 10))
    #expect(plan.checkpointEvery == 1000)
    #expect(plan.logEvery == 100)
    #expect(plan.snapshots == 0)
    let short = try settings { $0.checkpointEvery = nil }
      .resolved(site: Site(name: "here", width: 16), rows: 1000)
    #expect(short.checkpointEvery == 100)
    #expect(short.logEvery == 1)
  }

  @Test(
    "the schedule and the length of its decay",
    arguments: [
      (nil, nil, .none), ("constant", nil, .none), (nil, 7, .linear(steps: 7)),
      ("linear", nil, .linear(steps: 12)), ("linear", 5, .linear(steps: 5)),
      ("cosine", nil, .cosine(steps: 12)), ("cosine", 5, .cosine(steps: 5)),
    ] as [(String?, Int?, LearningRate.Decay)])
  func schedules(_ name: String?, _ decay: Int?, _ expected: LearningRate.Decay) throws {
    let plan = try plan {
      $0.schedule = name
      $0.decay = decay
    }
    #expect(plan.configuration.learningRate.decay == expected)
  }

  @Test("what is done for dead latents")
  func deadLatents() throws {
    let none = try plan { $0.dead = "none" }
    #expect(none.configuration.deadLatents == .none)
    let some = try plan {
      $0.auxkCoefficient = 0.5
      $0.auxkK = 4
      $0.deadAfterRows = 9
    }
    #expect(
      some.configuration.deadLatents == .auxK(coefficient: 0.5, k: 4, afterRows: 9))
  }

  /// The key by which settings are refused; `nil` if they are not.
  private func key(_ change: (inout TrainSettings) -> Void) -> String? {
    do {
      _ = try plan(change)
      return nil
    } catch {
      return (error as? ConfigurationError)?.key
    }
  }

  @Test("what cannot be is refused by its key")
  func refusals() {
    #expect(key { _ in } == nil)
    #expect(key { $0.activation = "softmax" } == "activation")
    #expect(key { $0.k = 25 } == "k")
    #expect(key { $0.schedule = "step" } == "schedule")
    #expect(key { $0.normalize = "rms" } == "normalize")
    #expect(key { $0.dead = "ghost" } == "dead")
    #expect(key { $0.seeds = [] } == "seeds")
    #expect(key { $0.seeds = [1, 1] } == "seeds")
    #expect(key { $0.holdout = "half" } == "holdout")
    #expect(key { $0.holdout = "0.999" } == "holdout")
    #expect(key { $0.checkpointEvery = 0 } == "checkpoint_every")
    #expect(key { $0.logEvery = 0 } == "log_every")
    #expect(key { $0.snapshots = -1 } == "snapshots")
  }

  @Test("settings that would do nothing are refused by their keys")
  func idleSettings() {
    func relu(_ settings: inout TrainSettings) {
      (settings.activation, settings.k, settings.l1) = ("relu", nil, 0.1)
    }
    #expect(key { relu(&$0) } == nil)
    #expect(key { $0.kAnneal = 5 } == "k_anneal")
    #expect(key { ($0.tied, $0.encoderScale) = (true, 0.3) } == "encoder_scale")
    #expect(key { $0.targetL0 = 4 } == "target_l0")
    #expect(key { $0.bandwidth = 0.1 } == "bandwidth")
    #expect(key { $0.pEnd = 0.5 } == "p_end")
    #expect(key { $0.sparsityWarmup = 5 } == "sparsity_warmup")
    #expect(key { $0.aripExact = true } == "arip")
    #expect(key { $0.anchorWeight = 1 } == "anchors")
    #expect(key { $0.skip = true } == "skip")
    #expect(key { $0.momentum = 0.9 } == "momentum")
    #expect(key { $0.weightDecay = 0.1 } == "weight_decay")
    #expect(key { $0.resampleEvery = 10 } == "dead")
    #expect(
      key {
        relu(&$0)
        $0.k = 3
      } == "k")
    #expect(
      key {
        relu(&$0)
        $0.multistep = 3
      } == "multistep")
    #expect(
      key {
        relu(&$0)
        $0.arip = 0.1
      } == "arip")
    #expect(
      key {
        relu(&$0)
        $0.kStart = 9
      } == "k_start")
  }
}

@Suite("held-out rows") struct HoldOutTests {
  @Test(
    "the rule as a user writes it",
    arguments: [
      ("none", .none), ("0", .none), ("every:2", .every(rows: 2)), ("every:10", .every(rows: 10)),
      ("0.1", .fraction(0.1)), ("1e-3", .fraction(0.001)),
    ] as [(String, HoldOut)])
  func parsing(_ text: String, _ rule: HoldOut) throws {
    #expect(try HoldOut(text) == rule)
    #expect(try HoldOut(rule.description) == rule)
  }

  @Test(
    "what is no rule",
    arguments: [
      "", "all", "1", "1.5", "-0.1", "nan", "0.0", "every:", "every:0", "every:1", "every:-3",
      "every:2.5", "Every:3", "10%",
    ])
  func refusals(_ text: String) {
    #expect(throws: ConfigurationError.self) { try HoldOut(text) }
  }

  @Test("positions ascend, are the same every time and divide the rows")
  func positions() throws {
    func positions(_ rule: HoldOut, _ rows: Int) -> [Int] {
      Array(rule.divided(rows, width: 1).heldOut)
    }
    #expect(positions(.none, 5) == [])
    #expect(positions(.every(rows: 4), 9) == [0, 4, 8])
    let some = positions(.fraction(0.3), 100)
    #expect(some.count == 30)
    #expect(some == Set(some).sorted())
    #expect(some == positions(.fraction(0.3), 100))
    #expect(some != Array(0..<30))
    let rows = TrainingRows(planted, holdOut: .fraction(0.3))
    #expect((Array(rows.training) + Array(rows.heldOut)).sorted() == Array(0..<300))
  }

  @Test("a recipe holds where settings are silent, and is written out")
  func recipe() throws {
    let found = try plan {
      $0.recipe = "reproducible"
      $0.k = 3
      $0.kStart = nil
      $0.steps = 50
      $0.lr = 0.1
      $0.schedule = nil
      $0.warmup = nil
      $0.decay = nil
    }
    #expect(found.configuration.learningRate.peak == 0.1)
    #expect(found.configuration.learningRate.decay == .linear(steps: 40))
    #expect(found.configuration.annealedK == nil)
    let written = TrainSettings(found)
    #expect(written.recipe == nil)
    #expect(written.schedule == "linear" && written.decay == 40)
    let silent = try plan {
      ($0.recipe, $0.lr) = ("reproducible", nil)
      ($0.schedule, $0.decay) = ("constant", nil)
    }
    #expect(silent.configuration.learningRate.peak == 0.003)
    #expect(silent.configuration.learningRate.decay == .none)
    let error = #expect(throws: ConfigurationError.self) { _ = try plan { $0.recipe = "best" } }
    #expect(error?.key == "recipe")
  }
}

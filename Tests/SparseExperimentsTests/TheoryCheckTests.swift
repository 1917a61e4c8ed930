import Elute
import Testing

@testable import SparseExperiments

/// Statements of a theory as cells of an experiment.
struct TheoryCheckTests {
  private func theory(
    _ statement: TheoryStatement, features: Int, width: Int, latents: Int, instances: Int = 4,
    steps: Int? = nil, rate: Double? = 0.02, batch: Int? = nil, resampleEvery: Int? = nil
  ) -> Experiment.TheoryCase {
    Experiment.TheoryCase(
      id: statement.rawValue, statement: statement, about: "about", features: features,
      width: width, latents: latents, instances: instances, steps: steps, rate: rate,
      batch: batch, resampleEvery: resampleEvery)
  }

  private func value(_ record: TheoryRecord, _ measure: Measure) throws -> Double {
    try #require(record.measures[measure.rawValue]).value
  }

  @Test func whatIsTrueOfTheLossIsFound() throws {
    let near = TheoryRecord(
      theory(.lossApproximation, features: 8, width: 5, latents: 6), compute: oneThread)
    #expect(try value(near, .boundShare) < 1 && value(near, .boundShare) > 0)
    #expect(try abs(value(near, .gapOrder) - 2) < 0.1)
    #expect(near.curves[0].lines[0].x.count == 11 && near.curves[0].lines[1].x.count == 9)

    let convex = TheoryRecord(
      theory(.biconvexity, features: 7, width: 4, latents: 3), compute: oneThread)
    #expect(try value(convex, .bentWithin) == 0 && value(convex, .bentByAtoms) == 0)
    #expect(try value(convex, .bentAcross) > 0)

    let built = TheoryRecord(
      theory(.zeroLoss, features: 24, width: 8, latents: 16), compute: oneThread)
    #expect(try value(built, .loss) < 1e-25 && value(built, .recovery) == 0)
    let features = TheoryRecord(
      theory(.nearZeroLoss, features: 20, width: 64, latents: 20), compute: oneThread)
    #expect(try value(features, .boundShare) < 1 && value(features, .loss) > 0)
    let trained = TheoryRecord(
      theory(.trainedZeroLoss, features: 12, width: 6, latents: 30, steps: 3000, rate: 0.05),
      compute: oneThread)
    #expect(try value(trained, .loss) < 1e-4 && value(trained, .recovery) < 0.5)
  }

  @Test func minimaStayAndSaddlesDoNot() throws {
    let minima = TheoryRecord(
      theory(.partialMinima, features: 8, width: 10, latents: 8), compute: oneThread)
    #expect(try value(minima, .encoderGradient) < 1e-9 && value(minima, .loss) > 0.01)
    #expect(try value(minima, .stepsThatHelp) == 0)
    #expect(minima.measures["exists"] == Measured(value: 1, interval: [1, 1]))
    // Features without anything in common have such points for some patterns only.
    let anywhere = TheoryRecord(
      theory(.partialMinimaAnywhere, features: 8, width: 10, latents: 8, instances: 40),
      compute: oneThread)
    #expect(try value(anywhere, .exists) > 0.1 && value(anywhere, .exists) < 0.9)
    #expect(try value(anywhere, .encoderGradient) < 1e-9)

    let printed = TheoryRecord(
      theory(.printedProof, features: 8, width: 10, latents: 8), compute: oneThread)
    #expect(try value(printed, .atomGradient) < 1e-9 && value(printed, .encoderGradient) > 1e-3)

    let stay = TheoryRecord(
      theory(.minimaStay, features: 8, width: 10, latents: 8, steps: 1000), compute: oneThread)
    #expect(try value(stay, .isMinimum) == 1 && abs(value(stay, .lossKept) - 1) < 1e-3)
    let leave = TheoryRecord(
      theory(.saddlesLeave, features: 8, width: 10, latents: 8, steps: 2000), compute: oneThread)
    #expect(try value(leave, .isMinimum) == 0 && value(leave, .lossKept) < 0.95)
  }

  @Test func resamplingEscapesAndNoiseDoesNot() throws {
    func found(_ statement: TheoryStatement) -> TheoryRecord {
      TheoryRecord(
        theory(
          statement, features: 8, width: 10, latents: 16, steps: 10_000, rate: 0.001, batch: 1,
          resampleEvery: 2000), compute: oneThread)
    }
    let noise = found(.escape)
    #expect(try value(noise, .escaped) == 0 && noise.measures["escape_steps"] == nil)
    // A chance has the exact interval of none of four.
    #expect(abs(noise.measures["escaped"]!.interval![1] - 0.6024) < 1e-3)
    let resampled = found(.escapeResampled)
    #expect(try value(resampled, .escaped) == 1 && value(resampled, .escapeSteps) > 2000)
    #expect(resampled.curves[0].lines[0].y.last! < 0.2)
    let kicked = found(.escapeKicked)
    #expect(kicked.curves != resampled.curves && kicked.curves[0].lines[0].y[0] == 1)
  }

  @Test func someChildIsAbsorbedButNotEvery() throws {
    let found = TheoryRecord(
      theory(.absorption, features: 12, width: 3, latents: 3, instances: 20), compute: oneThread)
    #expect(try value(found, .someChild) == 1)
    #expect(try value(found, .anyChild) < 1 && value(found, .anyChild) > 0.5)
    #expect(try value(found, .undecided) == 0)
  }

  @Test func threadsDoNotMatter() {
    let theory = theory(.escapeResampled, features: 6, width: 8, latents: 9, steps: 200, batch: 1)
    #expect(
      TheoryRecord(theory, compute: oneThread)
        == TheoryRecord(theory, compute: Compute(threads: 2)))
  }

  private let text = """
    {"id": "loss", "statement": "biconvexity", "about": "what it says", "features": 6, "width": 4,
     "latents": 3, "instances": 3}
    """

  private func wording(_ theory: String, expectations: String = "") -> String {
    experimentText(expectations: expectations)
      .replacing(#""variants": ["#, with: #""theory": [\#(theory)], "variants": ["#)
  }

  @Test func statementsAreCellsThatAreKeptAndJudged() throws {
    let place = try Place()
    let claim = """
      {"id": "c", "statement": "s", "source": "p", "measure": "bent_within", "cell": "theory/loss",
       "relation": "near", "published": 0, "tolerance": 0.2}
      """
    let run = try ExperimentRun(
      experiment(wording(text, expectations: claim), in: place), tier: "smoke",
      out: place.file("o"))
    var cells: [String] = []
    let record = try #require(
      try run.run(compute: oneThread) { now in
        if now.training == nil { cells.append("\(now.place)/\(now.count) \(now.cell)") }
        return .goOn
      })
    #expect(cells == ["1/3 mod113/topk", "2/3 mod113/relu", "3/3 theory/loss"])
    #expect(record.theory.count == 1 && record.theory[0].instances == 3)
    #expect(record.expectations.map(\.verdict) == [.reproduced])
    #expect(experimentLines(record).contains { $0.contains("bent across") })
    #expect(experimentPage(record).contains("what it says"))
    // Read again, not checked again.
    let file = "o/results/theory/loss.json"
    try place.write(
      String(decoding: place.bytes(file), as: UTF8.self).replacing(
        #""elute_version" : ""#, with: #""elute_version" : "other "#), to: file)
    let again = try #require(try run.run(compute: oneThread) { _ in .goOn })
    #expect(again.theory[0].eluteVersion.hasPrefix("other "))
    #expect(again.theory[0].measures == record.theory[0].measures)
    // With another rate it is checked anew.
    let changed = text.replacing(#""instances": 3"#, with: #""instances": 3, "rate": 0.5"#)
    let other = try ExperimentRun(
      experiment(wording(changed), in: place), tier: "smoke", out: place.file("o"))
    let anew = try #require(try other.run(compute: oneThread) { _ in .goOn })
    #expect(!anew.theory[0].eluteVersion.hasPrefix("other "))
  }

  @Test(arguments: [
    (#""features": 6"#, #""features": 1"#, "features"),
    ("biconvexity", "biconvex", "statement"),
    ("\"biconvexity\"", "\"partial_minima\"", "dependent"),
    ("\"biconvexity\"", "\"trained_zero_loss\"", "steps"),
    (
      "\"biconvexity\", \"about\": \"what it says\", \"features\": 6",
      "\"minima_stay\", \"about\": \"\", \"features\": 4", "3 latents for 4"
    ),
    ("\"biconvexity\"", "\"saddles_leave\"", "dependent"),
    (#""latents": 3"#, #""latents": 3, "speed": 1"#, "speed"),
    (#""instances": 3"#, #""instances": 1"#, "instances"),
  ])
  func whatIsNoStatementIsRefused(_ before: String, _ after: String, _ word: String) throws {
    let place = try Place()
    let error = #expect(throws: TensorFileError.self) {
      _ = try experiment(wording(text.replacing(before, with: after)), in: place)
    }
    let said = try #require(error).description
    #expect(said.contains(word), "\(said)")
  }
}

/// What features do that are active alone.
struct TruthPatternTests {
  @Test func theFeaturesThemselvesHaveOneLatentEach() {
    let axes: [[Float]] = [[1, 0, 0], [0, 1, 0], [0, 0, 1]]
    let found = TruthPattern(of: coder(axes), on: matrix(axes), compute: oneThread)
    #expect(found.polysemantic == 0 && found.empty == 0 && found.latentsPerFeature == 1)
    #expect(found.loss == 0 && found.encoderSlope == 0 && found.atomSlope == 0)
    #expect(found.realizable == 1)
  }

  /// One latent between two axes, and one that nothing switches on.
  @Test func aLatentOfTwoFeaturesIsPolysemantic() throws {
    let found = TruthPattern(
      of: coder([[0.5, 0.5, 0], [0, 0, -1]]), on: matrix([[1, 0, 0], [0, 1, 0]]),
      compute: oneThread)
    #expect(found.polysemantic == 1 && found.empty == 0.5 && found.featuresPerLatent == 1)
    // Of (1, 0) a quarter is rebuilt: (3/4, -1/4) is left.
    #expect(abs(found.loss - 0.625) < 1e-6)
    // Encoder: -2 r·a x = -1/2 (1, 0) and (0, 1); weights of squared length 3/2; 5/4 is lost.
    #expect(abs(found.encoderSlope! - (0.5 * 1.5).squareRoot() / 1.25) < 1e-6)
    // Atoms: -2 z r summed = -(1/2, 1/2).
    #expect(abs(found.atomSlope - (0.5 * 1.5).squareRoot() / 1.25) < 1e-6)
    #expect(found.realizable == 1)
  }

  /// Slopes of a dictionary with biases against central differences of the loss.
  @Test func slopesAreThoseOfTheLoss() throws {
    var biased = coder([[0.6, 0.5, 0.1], [0.1, -0.2, 0.9]], k: 2)
    biased.decoderBias = [0.3, -0.2, 0.1]
    biased.encoderBias = [0.2, 0.1]
    let features = matrix([[1, 0, 0], [0, 1, 0], [0, 0, 1]])
    func lost(_ coder: SparseCoder) -> Double {
      let rebuilt = coder.decode(coder.encode(features, on: oneThread), of: features, on: oneThread)
      return zip(features.values, rebuilt.values).reduce(0) {
        $0 + Double($1.0 - $1.1) * Double($1.0 - $1.1)
      }
    }
    func slope(_ place: WritableKeyPath<SparseCoder, Matrix>) -> Double {
      let weights = biased[keyPath: place].values
      let squares = weights.indices.reduce(0.0) { sum, index in
        var (up, down) = (biased, biased)
        up[keyPath: place].values[index] += 1e-2
        down[keyPath: place].values[index] -= 1e-2
        let gradient = (lost(up) - lost(down)) / 2e-2
        return sum + gradient * gradient
      }
      let length = weights.reduce(0) { $0 + Double($1) * Double($1) }
      return (squares * length).squareRoot() / lost(biased)
    }
    let found = TruthPattern(of: biased, on: features, compute: oneThread)
    #expect(abs(found.encoderSlope! - slope(\.encoder)) < 1e-3)
    #expect(abs(found.atomSlope - slope(\.decoder)) < 1e-3)
    biased.rowScaling = .unitNorm
    #expect(TruthPattern(of: biased, on: features, compute: oneThread).encoderSlope == nil)
  }

  /// A bias can tell lengths apart, a row cannot: opposite features of one latent.
  @Test func patternsThatTakeABiasAreNotRealizableWithoutOne() {
    var both = coder([[1, 0]])
    both.encoderBias = [2]
    let found = TruthPattern(of: both, on: matrix([[1, 0], [-1, 0]]), compute: oneThread)
    #expect(found.polysemantic == 1 && found.realizable == 0)
  }
}

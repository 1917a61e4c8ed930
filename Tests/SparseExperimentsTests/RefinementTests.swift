import Elute
import Testing

/// What a refinement finds on a bench, from dictionaries that are made by hand.
struct RefinementTests {
  private let bench: LinearRepresentationBench
  private let rows: Matrix

  init() throws {
    var settings = BenchSettings()
    (settings.features, settings.width, settings.rows) = (60, 48, 3000)
    settings.activationProbability = 0.05
    settings.descent.interference = 0.2
    settings.sites = 2
    bench = try LinearRepresentationBench(settings, on: oneThread)
    rows = try bench.matrix(ofRows: Array(0..<3000))
  }

  /// Features with noise, each of them `copies` times, and directions that are none.
  private func blurred(copies: Int, junk: Int, noise: Float) -> SparseCoder {
    var stream = RandomStream(seed: 5, name: "blurred")
    let scale = noise / Float(48).squareRoot()
    var atoms: [[Float]] = []
    for _ in 0..<copies {
      for feature in 0..<60 {
        let directions = stream.gaussians(count: 48)
        atoms.append(zip(bench.features[0].row(feature), directions).map { $0 + scale * $1 })
      }
    }
    for _ in 0..<junk { atoms.append(stream.gaussians(count: 48).map { $0 / 7 }) }
    return coder(atoms, k: 12)
  }

  /// For each feature the best cosine of an atom.
  private func best(_ features: Matrix, _ atoms: Matrix) throws -> [Float] {
    try DictionaryPair(
      UnitAtoms(features, name: "features"), UnitAtoms(atoms, name: "atoms"), convention: .signed
    ).bestMatches(on: oneThread).firstInSecond.cosines
  }

  /// The encoders here are made by hand and leave much; a tenth is what good ones do.
  private var settings: RefinementSettings {
    var settings = RefinementSettings()
    settings.residual = 0.1
    return settings
  }

  private var first: Matrix { rows.selecting(columns: 0..<48) }

  @Test func copiesAndJunkGoAndFeaturesAreFound() throws {
    let start = blurred(copies: 3, junk: 60, noise: 0.5)
    #expect(try best(bench.features[0], start.decoder).reduce(0, +) / 60 < 0.93)
    let found = try Refinement(of: start, on: first, settings: settings, compute: oneThread)
    #expect(found.before.latents == 240)
    #expect(try best(bench.features[0], found.coder.decoder).allSatisfy { $0 > 0.99 })
    #expect((60...63).contains(found.coder.latents), "\(found.coder.latents)")
    // Three of sixty are active; the k of the dictionary, twelve, is forgotten.
    let last = try #require(found.rounds.last)
    #expect(last.l0 > 2 && last.l0 < 4 && last.fvu < 0.001)
  }

  /// One atom a row cannot leave as little as is asked: rows at the bound would cost the same whatever is taken
  /// away, but they cost what they leave.
  @Test func atomsStayWhereRowsCannotBeMet() throws {
    var settings = settings
    settings.k = 1
    let found = try Refinement(
      of: blurred(copies: 1, junk: 0, noise: 0.2), on: first, settings: settings,
      compute: oneThread)
    #expect(found.coder.latents > 50, "\(found.coder.latents)")
    #expect(found.rounds.allSatisfy { $0.kind != .sharpened })
  }

  @Test func theResultIsTheSameForAllThreadsAndKernels() throws {
    let start = blurred(copies: 2, junk: 20, noise: 0.5)
    let expected = try Refinement(of: start, on: first, settings: settings, compute: oneThread)
    for kernels in KernelSet.available {
      let found = try Refinement(
        of: start, on: first, settings: settings,
        compute: Compute(kernels: kernels, threads: 2))
      #expect(found.coder == expected.coder && found.rounds == expected.rounds)
    }
  }

  @Test func aSecondSiteIsRebuiltFromCodesOfTheFirst() throws {
    let found = try Refinement(
      of: blurred(copies: 2, junk: 20, noise: 0.5), on: first,
      target: (Site(name: "there", width: 48), rows.selecting(columns: 48..<96)),
      settings: settings, compute: oneThread)
    guard case .transcoder(let input, let output, false) = found.coder.architecture else {
      Issue.record("\(found.coder.architecture)")
      return
    }
    #expect(input.width == 48 && output.name == "there")
    #expect(try best(bench.features[1], found.coder.decoder).allSatisfy { $0 > 0.99 })
    // Not by chance: the first site's features are other ones.
    #expect(try best(bench.features[0], found.coder.decoder).allSatisfy { $0 < 0.9 })
  }

  @Test func dictionariesThatAreMoreThanAtomsAreRefused() throws {
    var signed = blurred(copies: 1, junk: 0, noise: 0.1)
    signed.activation = .absTopK(k: 3)
    var scaled = blurred(copies: 1, junk: 0, noise: 0.1)
    scaled.rowScaling = .unitNorm
    let transcoder = SparseCoder(
      architecture: .transcoder(
        input: Site(name: "a", width: 48), output: Site(name: "b", width: 48), skip: false),
      activation: .topK(k: 2), encoder: signed.encoder, decoder: signed.decoder,
      encoderBias: signed.encoderBias, decoderBias: signed.decoderBias)
    for (coder, rows) in [(signed, first), (scaled, first), (transcoder, rows)] {
      #expect(throws: ConfigurationError.self) {
        _ = try Refinement(of: coder, on: rows, compute: oneThread)
      }
    }
  }

  @Test func settingsOutsideOfTheirRangeAreRefused() {
    let places: [WritableKeyPath<RefinementSettings, Double>] = [
      \.merge, \.tolerance, \.growth, \.leastResidual,
    ]
    for place in places {
      for value in [-0.1, .nan, .infinity] {
        var settings = RefinementSettings()
        settings[keyPath: place] = value
        #expect(throws: ConfigurationError.self) { try settings.validate() }
      }
    }
  }

  @Test func whatIsWrittenIsRead() throws {
    let place = try Place()
    let refined = try RefinedDictionary(
      of: NamedDictionary(
        name: "by hand", coder: blurred(copies: 2, junk: 5, noise: 0.4)),
      on: TrainingRows(first, holdOut: .every(rows: 10)), path: "bench", settings: settings,
      compute: oneThread)
    try refined.write(to: place.file("r"))
    #expect(try NamedDictionary(place.file("r")).coder == refined.coder)
    let record = try RefinedDictionary.readRecord(place.file("r"))
    #expect(record == refined.record)
    #expect(record.rows == 2700 && record.measuredRows == 300)
    #expect(record.after.fvu < record.before.fvu && record.after.l0 < record.before.l0)
  }
}

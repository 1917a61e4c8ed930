import Elute
import Testing

@testable import SparseExperiments

@Suite("comparing dictionaries") struct CompareTests {
  static let axes: [[Float]] = (0..<4).map { axis in (0..<4).map { $0 == axis ? 1 : 0 } }

  private func compared(
    _ dictionaries: [NamedDictionary], _ options: ComparisonOptions = .init()
  ) throws -> ComparisonRecord {
    try compare(dictionaries, options: options, compute: oneThread)
  }

  @Test("a dictionary agrees fully with itself, permuted and scaled as you like")
  func identical() throws {
    let first = NamedDictionary(name: "a", coder: coder(Self.axes))
    let shuffled = [2, 0, 3, 1].map { Self.axes[$0].map { $0 * 7 } }
    for second in [Self.axes, shuffled] {
      let result = try compared([first, NamedDictionary(name: "b", coder: coder(second))])
      #expect(result.dictionaries == ["a", "b"])
      #expect(result.dIn == 4)
      #expect(result.convention == "signed")
      #expect(result.mmcs == 1)
      #expect(result.mmcsAll == 1)
      #expect(result.dcs == 1)
      #expect(result.dcsAll == 1)
      #expect(result.kappa == 1)
      #expect(result.nullMmcs > 0.2 && result.nullMmcs < 0.9)
      #expect(result.nullDcs < result.nullMmcs)
      let isotropic = IsotropicNull(width: 4, atoms: 4, convention: .signed).expectedMMCS
      #expect(abs(result.ratioToIsotropic - 1 / isotropic) < 1e-12)
      #expect(result.kappaInterval == nil)
      #expect(result.pairs.count == 1)
      #expect(result.pairs[0].coverage == 1)
      #expect(result.pairs[0].bestCosines == [1, 1, 1, 1])
    }
  }

  @Test("an atom and its negative agree only where signs do not count")
  func negated() throws {
    let negative = Self.axes.map { $0.map { -$0 } }
    let result = try compared([
      NamedDictionary(name: "a", coder: coder(Self.axes)),
      NamedDictionary(name: "b", coder: coder(negative)),
    ])
    #expect(result.mmcs == 0)
    #expect(result.dcs == 0)
    #expect(result.mmcsAll == 1)
    #expect(result.dcsAll == 1)
    #expect(result.kappa < 0)
  }

  @Test("the best match is searched in both directions, at the sizes that the two have")
  func sizes() throws {
    // Of three atoms two have a match of 1, and one of 0.6; both of the two have one of 1.
    let three: [[Float]] = [Self.axes[0], Self.axes[1], [0.6, 0, 0.8, 0]]
    let result = try compared([
      NamedDictionary(name: "a", coder: coder(three)),
      NamedDictionary(name: "b", coder: coder([Self.axes[0], Self.axes[1]])),
    ])
    #expect(abs(result.mmcs - (2.6 / 3 + 1) / 2) < 1e-7)
    #expect(result.dcs == 1)
    #expect(result.pairs[0].liveFirst == 3)
    #expect(result.pairs[0].liveSecond == 2)
    #expect(abs(result.pairs[0].coverage - 2.0 / 3) < 1e-12)
  }

  @Test("records say which latents are live; without one of them every atom counts")
  func liveness() throws {
    let other: [[Float]] = [Self.axes[0], Self.axes[1], Self.axes[2], [0, 0, 0.6, 0.8]]
    let first = NamedDictionary(
      name: "a", coder: coder(Self.axes), record: record(densities: [0.1, 0.2, 0.3, 0]))
    let second = NamedDictionary(
      name: "b", coder: coder(other), record: record(seed: 1, densities: [0.1, 0.2, 0, 0.3]))
    let result = try compared([first, second])
    #expect(result.liveness == "record")
    #expect(result.pairs[0].liveFirst == 3)
    // The live third axis finds the live fourth atom, at 0.6.
    #expect(abs(result.mmcs - (2 + 0.6) / 3) < 1e-7)
    #expect(result.mmcsAll > result.mmcs)
    let unknown = NamedDictionary(name: "b", coder: coder(other))
    let all = try compared([first, unknown])
    #expect(all.liveness == "all")
    #expect(all.pairs[0].liveFirst == 4)
    #expect(all.pairs[0].liveSecond == 4)
  }

  @Test("given data decide which latents are live, whatever the records say")
  func livenessOnData() throws {
    let first = NamedDictionary(
      name: "a", coder: coder(Self.axes), record: record(densities: [0, 0, 0, 1]))
    let options = ComparisonOptions(
      liveOn: matrix([[1, 0, 0, 0], [0, 3, 0, 0], [2, 0, 0, 0]]), livePath: "rows")
    let result = try compared([first, first], options)
    #expect(result.liveness == "data")
    #expect(result.pairs[0].liveFirst == 2)
    let narrow = ComparisonOptions(liveOn: matrix([[1, 0], [0, 1]]), livePath: "rows")
    #expect(throws: TensorFileError.self) { try compared([first, first], narrow) }
  }

  @Test("a dictionary without a live atom, and one of another width, are refused")
  func refusals() throws {
    let dead = NamedDictionary(
      name: "dead", coder: coder(Self.axes), record: record(densities: [0, 0, 0, 0]))
    let fine = NamedDictionary(
      name: "fine", coder: coder(Self.axes), record: record(densities: [1, 0, 0, 0]))
    let error = #expect(throws: MetricError.self) { try compared([fine, dead]) }
    #expect(error?.place == "dead")
    let narrow = NamedDictionary(name: "narrow", coder: coder([[1, 0], [0, 1]]))
    #expect(throws: MetricError.self) { try compared([fine, narrow]) }
  }

  /// What records say of the runs that they are of.
  private func shared(_ records: [RunRecord?]) throws -> ComparisonRecord {
    try compared(
      records.map { NamedDictionary(name: "x", coder: coder(Self.axes), record: $0) })
  }

  @Test("what was shared is what the records say, and unknown without them")
  func sharedByTwo() throws {
    let all: [Float] = [1, 1, 1, 1]
    let base = record(seed: 1, densities: all)
    let cases: [(RunRecord?, Sharing, Sharing, Sharing)] = [
      (record(seed: 2, densities: all), .different, .different, .same),
      (record(seed: 2, dataSeed: 1, densities: all), .different, .same, .same),
      (base, .same, .same, .same),
      (record(seed: 1, fingerprint: "g", densities: all), .same, .different, .different),
      (record(seed: 1, batch: 9, densities: all), .same, .different, .same),
      // As many rows are held out, but others.
      (record(seed: 1, holdout: "0.1", densities: all), .same, .different, .same),
      (record(seed: 1, encoderScale: 1, densities: all), .different, .same, .same),
      (record(seed: 1, architecture: "crosscoder", densities: all), .different, .same, .same),
      (nil, .unknown, .unknown, .unknown),
    ]
    for (other, initialization, order, data) in cases {
      let result = try shared([base, other])
      #expect(
        result.shared == .init(initialization: initialization, dataOrder: order, data: data))
      #expect(result.pairs[0].shared == result.shared)
    }
  }

  @Test("each pair has what its own runs shared; the summary what holds for all pairs")
  func sharedBySome() throws {
    let all: [Float] = [1, 1, 1, 1]
    let (first, twin) = (record(seed: 1, densities: all), record(seed: 1, densities: all))
    let other = record(seed: 2, dataSeed: 1, densities: all)
    let result = try shared([first, twin, other])
    #expect(result.pairs.map(\.shared.initialization) == [.same, .different, .different])
    #expect(result.shared == .init(initialization: .mixed, dataOrder: .same, data: .same))
    let partly = try shared([first, twin, nil])
    #expect(partly.pairs.map(\.shared.data) == [.same, .unknown, .unknown])
    #expect(partly.shared == .init(initialization: .unknown, dataOrder: .unknown, data: .unknown))
  }

  @Test(
    "pairs that trained on the same rows can be left out, with the controls of a pair that is there"
  )
  func onlyDisjointPairs() throws {
    let all: [Float] = [1, 1, 1, 1]
    let named = ([0, 2, 1, 3] as [UInt64]).map { seed in
      var half = record(seed: seed, densities: all)
      half.settings.method["parts"] = "2"
      return NamedDictionary(name: "\(seed)", coder: coder(Self.axes), record: half)
    }
    var options = ComparisonOptions()
    #expect(try compared(named, options).pairs.count == 6)
    #expect(try compared(named, options).shared.data == .mixed)
    options.onlyDisjoint = true
    let found = try compared(named, options)
    #expect(found.pairs.map { [$0.first, $0.second] } == [[0, 2], [0, 3], [1, 2], [1, 3]])
    #expect(found.shared.data == .disjoint)
    #expect(found.kappaInterval != nil)
    #expect(found.controls["step_0"] != nil)
    // Without the third nothing is left of three.
    #expect(try compared(Array(named.prefix(3)), options).kappaInterval == nil)
  }

  @Test(
    "beyond a number of atoms costly nulls are drawn once for pairs of one size, and not for others"
  )
  func drawnOnce() throws {
    let sizes = [6, 6, 6, 4]
    let named = sizes.enumerated().map { place, size in
      var stream = RandomStream(seed: UInt64(place), name: "drawn once")
      return NamedDictionary(
        name: "\(place)",
        coder: coder((0..<size).map { _ in stream.gaussians(count: 4) }))
    }
    let atoms = try named.map { try UnitAtoms($0.coder.decoder, name: $0.name) }
    let unknown = Shared(initialization: .unknown, dataOrder: .unknown, data: .unknown)
    func records(drawnOnce: Int) throws -> [PairRecord] {
      var comparer = PairComparer(
        of: atoms, options: .init(), drawnOnce: drawnOnce, compute: oneThread)
      return try [(0, 1), (0, 2), (1, 2), (0, 3)].map { first, second in
        let pair = try DictionaryPair(atoms[first], atoms[second], convention: .signed)
        return try comparer.record(
          of: pair, pair.matching(on: oneThread), (first, named[first]), (second, named[second]),
          shared: unknown)
      }
    }
    let (each, once) = (try records(drawnOnce: 100), try records(drawnOnce: 3))
    #expect(once[0].nullDcs == once[1].nullDcs && once[1].nullDcs == once[2].nullDcs)
    #expect(once[1].matchedMmcs == once[0].matchedMmcs)
    #expect(once[3].nullDcs != once[2].nullDcs)
    #expect(Set(each.map(\.nullDcs)).count == 4)
    #expect(once.map(\.mmcs) == each.map(\.mmcs) && once.map(\.dcs) == each.map(\.dcs))
    #expect(once.allSatisfy { $0.matchedMmcs?.isFinite == true && $0.nullDcs.isFinite })
  }

  @Test("a pursuit on equal dictionaries finds equal codes")
  func pursued() throws {
    let named = NamedDictionary(name: "a", coder: coder(Self.axes))
    var options = ComparisonOptions()
    options.codesOn = matrix([[1, 0, 0, 0], [0, 3, 0, 0], [0, 0, 2, 0], [0, 0, 0, 1]])
    options.hasOracle = true
    let found = try compared([named, named], options)
    #expect(found.oracleCodeIoU == 1)
    #expect(found.oracleCodeDistance == 0)
    #expect(found.nullOracleCodeIoU == 0)
    #expect(found.liveness == "all", "rows for codes say nothing of what is live")
  }

  @Test("headlines are means over pairs; from three dictionaries on they have intervals")
  func several() throws {
    let tilted: [[Float]] = [Self.axes[0], Self.axes[1], Self.axes[2], [0, 0, 0.6, 0.8]]
    let named = [Self.axes, tilted, Self.axes].enumerated().map {
      NamedDictionary(name: "\($0)", coder: coder($1))
    }
    let result = try compared(named)
    #expect(result.pairs.map(\.first) == [0, 0, 1])
    #expect(result.pairs.map(\.second) == [1, 2, 2])
    #expect(abs(result.mmcs - result.pairs.map(\.mmcs).reduce(0, +) / 3) < 1e-12)
    #expect(abs(result.kappa - result.pairs.map(\.kappa).reduce(0, +) / 3) < 1e-12)
    let interval = try #require(result.mmcsInterval)
    #expect(interval[0] < result.mmcs && result.mmcs < interval[1])
    // Each pair draws its own null.
    #expect(result.pairs[0].nullMmcs != result.pairs[2].nullMmcs)
  }

  @Test("a comparison is the same every time and for any number of threads; another seed differs")
  func reproducible() throws {
    let named = [Self.axes, [[1, 1, 0, 0], [0, 1, 1, 0], [0, 0, 1, 1]]].map {
      NamedDictionary(name: "x", coder: coder($0))
    }
    let result = try compared(named)
    #expect(try compared(named) == result)
    #expect(
      try compare(named, options: .init(), compute: Compute(kernels: .plain, threads: 3))
        == result)
    #expect(try compared(named, ComparisonOptions(seed: 1)).nullMmcs != result.nullMmcs)
    #expect(
      try compared(named, ComparisonOptions(law: .isotropic)).nullMmcs != result.nullMmcs)
  }
}

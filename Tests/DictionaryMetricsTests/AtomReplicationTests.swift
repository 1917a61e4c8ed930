import DictionaryMetrics
import SparseCoding
import Testing

@Suite struct AtomReplicationTests {
  private func rows(_ rows: [[Float]]) -> Matrix {
    Matrix(rows: rows.count, columns: rows[0].count, values: rows.flatMap(\.self))
  }

  private let axes: [[Float]] = (0..<4).map { axis in (0..<4).map { $0 == axis ? 1 : 0 } }

  @Test func aSmallCaseIsThatByHand() throws {
    // The second has the axes 2 and 0 in latents 1 and 3, a tilted axis 3 and nothing like axis 1; of the third
    // only axis 0 and a mixture are live.
    let first = try dictionary(rows(axes))
    let second = try dictionary(
      rows([[1, 0, 0, 0], axes[2], [0, 0, 0.6, 0.8], axes[0]]), live: [1, 2, 3])
    let third = try dictionary(
      rows([axes[1], axes[0], [0, 0.3, 0.6, 0.2]]), live: [1, 2])
    let found = try AtomReplication(
      of: first, in: [second, third], convention: .signed, settings: .init(threshold: 0.79),
      on: compute)
    #expect(found.atoms.map(\.latent) == [0, 1, 2, 3])
    #expect(found.atoms.map(\.bestMatch) == [3, 1, 1, 2])
    #expect(zip(found.atoms.map(\.cosine), [1, 0, 1, 0.8]).allSatisfy { abs($0 - $1) < 1e-6 })
    #expect(found.atoms.map(\.isMutual) == [true, false, true, true])
    // In the third, axis 2 and the mixture are mutual at 0.6 / 0.7, and axis 3 has no partner.
    #expect(found.atoms.map(\.replications) == [2, 0, 2, 1])
    #expect(found.others == 2 && found.required == 2)
    #expect(found.chance.count == 3 && abs(found.chance.reduce(0, +) - 1) < 1e-12)
    // A threshold of which rounding has no say: 0.8 is below it.
    let strict = try AtomReplication(
      of: first, in: [second, third], convention: .signed, settings: .init(threshold: 0.81),
      on: compute)
    #expect(strict.atoms.map(\.replications) == [2, 0, 2, 0])
  }

  @Test func signsCountByTheConvention() throws {
    let first = try dictionary(rows(axes))
    let second = try dictionary(rows(axes.map { $0.map { -$0 } }))
    for (convention, replications) in [(CosineConvention.signed, 0), (.absolute, 1)] {
      let found = try AtomReplication(
        of: first, in: [second], convention: convention, on: compute)
      #expect(found.atoms.allSatisfy { $0.replications == replications })
    }
  }

  @Test func ofTwinsOneComesBack() throws {
    let first = try dictionary(rows([axes[0], axes[0], axes[1]]))
    let found = try AtomReplication(
      of: first, in: [try dictionary(rows(axes))], convention: .signed, on: compute)
    #expect(found.atoms.map(\.replications) == [1, 0, 1])
    #expect(found.atoms[0].pValue == found.atoms[1].pValue)
  }

  @Test(arguments: [(1, 1), (2, 2), (3, 2), (7, 4)])
  func byDefaultMoreThanHalfAreRequired(others: Int, required: Int) {
    #expect(ReplicationSettings().required(of: others) == required)
    #expect(ReplicationSettings(atLeast: 1).required(of: others) == 1)
  }

  /// What planted dictionaries share, and what they do not: 12 of 96 atoms are the same but for noise.
  private func planted(_ seeds: Range<UInt64>) throws -> [UnitAtoms] {
    let common = gaussianRows(12, 24, decay: 5, seed: 1000)
    return try seeds.map { seed in
      var atoms = gaussianRows(96, 24, decay: 5, seed: seed)
      let noise = gaussianRows(12, 24, decay: 5, seed: seed + 500)
      for row in 0..<12 {
        for column in 0..<24 {
          atoms[row * 8, column] = common[row, column] + 0.1 * noise[row, column]
        }
      }
      return try dictionary(atoms)
    }
  }

  @Test func atomsInCommonAreFoundAndOthersAreNot() throws {
    let all = try planted(1..<5)
    let found = try AtomReplication(
      of: all[0], in: Array(all.dropFirst()), convention: .signed,
      settings: .init(threshold: 0.9), on: compute)
    let discovered = found.atoms.filter { $0.qValue <= 0.05 }.map(\.latent)
    #expect(discovered.count { $0 % 8 == 0 } >= 11)
    #expect(discovered.count { $0 % 8 != 0 } <= 1)
    #expect(found.atoms.count { $0.latent % 8 == 0 && $0.replications == 3 } >= 11)
    #expect(found.atoms.count { $0.latent % 8 != 0 && $0.replications == 3 } <= 1)
    #expect(found.chance[3] < 0.01)
    // p-values of the claim are those of the pairs, put together.
    let pairs = try all.dropFirst().enumerated().map { position, other in
      let pair = try DictionaryPair(all[0], other, convention: .signed)
      let null = AgreementNull(
        for: pair, law: .matchedSecondMoment, seed: UInt64(position + 1) << 16,
        draws: NullDraws(bestMatch: 20, oneToOne: 0), on: compute)
      return pair.bestMatches(on: compute).firstInSecond.cosines.map { null.pValue(ofFirst: $0) }
    }
    for (place, atom) in found.atoms.enumerated() {
      #expect(atom.pValue == partialConjunction(pairs.map { $0[place] }, atLeast: 2))
    }
  }

  @Test func theSettingsAloneDecide() throws {
    let all = try planted(1..<4)
    func replication(_ settings: ReplicationSettings, threads: Int = 1) throws -> AtomReplication {
      try AtomReplication(
        of: all[0], in: Array(all.dropFirst()), convention: .signed, settings: settings,
        on: Compute(threads: threads))
    }
    let usual = try replication(.init())
    #expect(try replication(.init(), threads: 3) == usual)
    #expect(try replication(.init(seed: 1)) != usual)
    #expect(try replication(.init(law: .isotropic)).nullCosine < usual.nullCosine)
    // The least claim is the easiest to support.
    let least = try replication(.init(atLeast: 1)).atoms.map(\.pValue)
    #expect(zip(least, usual.atoms).contains { $0 < $1.pValue })
    #expect(try replication(.init(draws: 40)).atoms.map(\.pValue).min() ?? 1 < 1 / 3000)
  }

  @Test func widthsMustBeTheSame() throws {
    #expect(throws: MetricError.self) {
      try AtomReplication(
        of: dictionary(rows(axes)), in: [dictionary(gaussianRows(3, 5, seed: 1))],
        convention: .signed, on: compute)
    }
  }
}

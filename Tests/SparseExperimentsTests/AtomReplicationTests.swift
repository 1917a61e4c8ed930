import Elute
import Foundation
import Testing

@testable import SparseExperiments

@Suite("the replication of atoms") struct AtomReplicationRecordTests {
  private let axes = CompareTests.axes

  private func dictionaries(_ densities: [Float]? = nil) -> [NamedDictionary] {
    let tilted: [[Float]] = [axes[1], axes[0], [0, 0, 0.8, 0.6]]
    return [axes, tilted, axes].enumerated().map { place, atoms in
      NamedDictionary(
        name: "d\(place)", coder: coder(atoms),
        record: densities.map {
          record(seed: UInt64(place), densities: Array($0.prefix(atoms.count)))
        })
    }
  }

  @Test("a line for each live atom of the first, with what became of it in the others")
  func table() throws {
    let found = try atomReplication(
      dictionaries([0.5, 0, 0.25, 1]), settings: .init(threshold: 0.75), compute: oneThread)
    #expect(found.dictionaries == ["d0", "d1", "d2"] && found.liveness == "record")
    #expect(found.tau == 0.75 && found.atLeast == 2 && found.nullDraws == 20)
    #expect(found.null == "matched_second_moment")
    // Latent 1 is dead; of d1 latents 0 and 2 are live, and axis 0 is dead there too.
    #expect(found.atoms.map(\.atom) == [0, 2, 3])
    #expect(found.atoms.map(\.density) == [0.5, 0.25, 1])
    #expect(found.atoms[1].bestMatch == 2 && abs(found.atoms[1].cosine - 0.8) < 1e-6)
    #expect(found.atoms.map(\.replications) == [1, 2, 1])
    #expect(found.atoms.allSatisfy { $0.trials == 2 })
    #expect(found.counts == [0, 2, 1])
    let all = ClopperPearson(successes: 2, trials: 2).interval()
    #expect(found.atoms[1].low == all.low && found.atoms[1].high == all.high)
    let lines = found.csv.split(separator: "\n", omittingEmptySubsequences: false)
    #expect(
      lines[0]
        == "atom,best_match,cosine,p_value,q_value,replications,trials,low,high,density,mutual"
    )
    #expect(lines.count == 5 && lines[4].isEmpty)
    let atom = found.atoms[1]
    #expect(
      lines[2]
        == "2,2,\(atom.cosine),\(atom.pValue),\(atom.qValue),2,2,\(atom.low),\(atom.high),0.25,1")
  }

  @Test("without records every atom counts and densities are not known; rows tell both")
  func densities() throws {
    let unknown = try atomReplication(dictionaries(), compute: oneThread)
    #expect(unknown.atoms.count == 4 && unknown.atoms.allSatisfy { $0.density == nil })
    #expect(unknown.csv.contains(",,1\n") && unknown.liveness == "all")
    let rows = ComparisonOptions(
      liveOn: matrix([[1, 0, 0, 0], [0, 0, 3, 0], [2, 0, 0, 0]]), livePath: "rows")
    let found = try atomReplication(dictionaries(), options: rows, compute: oneThread)
    #expect(found.atoms.map(\.atom) == [0, 2] && found.liveness == "data")
    #expect(zip(found.atoms, [2.0 / 3, 1.0 / 3]).allSatisfy { abs(($0.density ?? 0) - $1) < 1e-6 })
  }

  @Test("best cosines are those of compare; another law and another seed give another null")
  func agreesWithCompare() throws {
    let named = dictionaries()
    let found = try atomReplication(named, compute: oneThread)
    let compared = try compare(named, options: .init(), compute: oneThread)
    #expect(found.atoms.map(\.cosine) == compared.pairs[0].bestCosines)
    for settings in [ReplicationSettings(law: .isotropic), ReplicationSettings(seed: 1)] {
      let other = try atomReplication(named, settings: settings, compute: oneThread)
      #expect(other.nullCosine != found.nullCosine)
      #expect(other.atoms.map(\.replications) == found.atoms.map(\.replications))
    }
  }

  @Test("settings that cannot be are refused by their key")
  func refusals() throws {
    let cases: [(ReplicationSettings, String)] = [
      (.init(threshold: 0), "tau"), (.init(threshold: .nan), "tau"), (.init(threshold: 1.1), "tau"),
      (.init(atLeast: 0), "at_least"), (.init(atLeast: 3), "at_least"),
      (.init(draws: 19), "draws"),
    ]
    for (settings, key) in cases {
      let error = #expect(throws: ConfigurationError.self) {
        try atomReplication(dictionaries(), settings: settings, compute: oneThread)
      }
      #expect(error?.key == key)
    }
  }

  @Test("a record survives its JSON")
  func roundTrip() throws {
    let found = try atomReplication(dictionaries([1, 1, 1, 1]), compute: oneThread)
    let text = try JSONFile.text(of: found)
    #expect(try JSONFile.decoder.decode(ReplicationRecord.self, from: Data(text.utf8)) == found)
  }
}

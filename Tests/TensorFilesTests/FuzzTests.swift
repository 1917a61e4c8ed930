import Glibc
import SparseCoding
import Testing

@testable import TensorFiles

/// Thousands of damaged files: whatever the damage, reading throws or returns, and never crashes.
@Suite("damaged files") struct FuzzTests {
  /// Damaged files per original; `ELUTE_FUZZ_ROUNDS` asks for more.
  private static let rounds =
    getenv("ELUTE_FUZZ_ROUNDS").flatMap { Int(String(cString: $0)) } ?? 250

  /// Flips, overwrites, removes, repeats or cuts off some bytes.
  private func damage(_ bytes: [UInt8], _ random: inout RandomStream) -> [UInt8] {
    var result = bytes
    // The first bytes hold what sizes are computed from: half of the damage goes there.
    func place() -> Int {
      let reach = random.index(below: 2) == 0 ? min(result.count, 300) : result.count
      return random.index(below: max(1, reach))
    }
    for _ in 0...random.index(below: 4) where !result.isEmpty {
      let index = place()
      switch random.index(below: 7) {
      case 0: result[index] ^= 1 << UInt8(random.index(below: 8))
      case 1: result[index] = UInt8(random.index(below: 256))
      case 2: result[index] = Array("0123456789-[]{},:\"'()L ".utf8)[random.index(below: 23)]
      case 3: result.remove(at: index)
      case 4: result.insert(result[place()], at: index)
      case 5: result.removeSubrange(index..<min(result.count, index + random.index(below: 40)))
      default:
        let digits = Array("9223372036854775807".utf8.prefix(1 + random.index(below: 19)))
        result.replaceSubrange(index..<min(result.count, index + 1), with: digits)
      }
    }
    return result
  }

  @Test(
    "safetensors",
    arguments: ["numpy.safetensors", "torch.safetensors", "SAELens/plain/sae_weights.safetensors"])
  func safetensors(name: String) throws {
    let work = Workspace()
    let whole = try bytes(of: fixture(name))
    var random = RandomStream(seed: 7, name: name)
    var read = 0
    for _ in 0..<Self.rounds {
      let path = work.write(damage(whole, &random), to: "f.safetensors")
      if let file = try? SafetensorsFile.open(path) {
        read += 1
        for entry in file.entries {
          _ = try? file.floats(named: entry.name)
          _ = try? file.doubles(named: entry.name)
          _ = try? file.integers(named: entry.name)
          _ = try? file.unsignedIntegers(named: entry.name)
          _ = try? file.matrix(named: entry.name)
        }
      }
      _ = try? ActivationStore.open(path).load()
      _ = FileInspection.inspect(path)
    }
    // The damage must not be such that nothing ever gets past the first check.
    #expect(read > 0)
  }

  @Test(
    "npy",
    arguments: ["c", "fortran", "rank3_fortran", "big_endian", "integers_fortran", "version2"])
  func npy(name: String) throws {
    let work = Workspace()
    let whole = try bytes(of: fixture(name + ".npy"))
    var random = RandomStream(seed: 7, name: name)
    var read = 0
    for round in 0..<Self.rounds {
      let path = work.write(damage(whole, &random), to: "f.npy")
      let options = NpyOptions(
        readsTwoByteTypesAsBFloat16: round % 2 == 0, allowsTrailingBytes: round % 3 == 0)
      if let file = try? NpyFile.open(path, options: options) {
        read += 1
        _ = try? file.floats()
        _ = try? file.doubles()
        _ = try? file.integers()
        _ = try? file.matrix()
      }
      _ = try? ActivationStore.open(path, options: options).load()
      _ = FileInspection.inspect(path, options: options)
    }
    #expect(read > 0)
  }

  @Test("cfg.json", arguments: ["plain", "folded", "gated", "jumprelu_skip_transcoder"])
  func configuration(name: String) throws {
    let work = Workspace()
    let folder = work.makeFolder("d")
    let whole = try bytes(of: fixture("SAELens/\(name)/cfg.json"))
    work.write(
      try bytes(of: fixture("SAELens/\(name)/sae_weights.safetensors")),
      to: "d/sae_weights.safetensors")
    var random = RandomStream(seed: 7, name: name)
    for _ in 0..<Self.rounds {
      work.write(damage(whole, &random), to: "d/cfg.json")
      _ = try? SAELensDictionary.read(folder)
      _ = FileInspection.inspect(folder)
    }
  }

  @Test("cfg.json of Elute's own", arguments: DictionarySample.ofEachArchitecture.suffix(3))
  func ownConfiguration(sample: DictionarySample) throws {
    let work = Workspace()
    try SAELensDictionary.write(sample.coder, to: work.file("d"))
    var members = try JSONValue.object(ofFile: work.file("d/cfg.json"))
    // Without digests, which would notice all of it.
    members["metadata"] = ["sae_lens_version": "6.54.12"]
    let whole = Array(JSONValue.object(members).text(indented: true).utf8)
    var random = RandomStream(seed: 7, name: sample.testDescription)
    for _ in 0..<Self.rounds {
      work.write(damage(whole, &random), to: "d/cfg.json")
      _ = try? SAELensDictionary.read(work.file("d"))
      _ = FileInspection.inspect(work.file("d"))
    }
  }

  @Test("store.json")
  func store() throws {
    let work = Workspace()
    try ActivationStore.write(
      ramp(5, 2), site: Site(name: "s", width: 2), to: work.file("acts"), shardRows: 2)
    let whole = try bytes(of: work.file("acts/store.json"))
    var random = RandomStream(seed: 7, name: "store")
    for _ in 0..<Self.rounds {
      work.write(damage(whole, &random), to: "acts/store.json")
      _ = try? ActivationStore.open(work.file("acts")).load()
      _ = FileInspection.inspect(work.file("acts"))
    }
  }
}

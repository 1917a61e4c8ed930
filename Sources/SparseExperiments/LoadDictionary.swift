public import RunRecords
public import SparseCoding
public import TensorFiles

#if canImport(FoundationEssentials)
  import FoundationEssentials
#else
  import Foundation
#endif

/// A dictionary as a command names it: a folder that some tool wrote, or one seed of a run.
public struct NamedDictionary: Sendable {
  /// The name, as the user wrote it.
  public var name: String
  /// The weights.
  public var coder: SparseCoder
  /// The record of the run that made it, if it lies beside it.
  public var record: RunRecord?

  /// A dictionary at hand, with its record if there is one.
  ///
  /// - Precondition: The record has a density for each latent.
  public init(name: String, coder: SparseCoder, record: RunRecord? = nil) {
    precondition(
      record.map { $0.firingDensities.count == coder.latents } ?? true,
      "the record of \(name) is that of another dictionary")
    self.name = name
    self.coder = coder
    self.record = record
  }

  /// Opens a dictionary folder, or a seed's folder of a run.
  public init(_ path: String) throws(TensorFileError) {
    let inside = SeedFolder(path: path)
    let isSeed = FileManager.default.fileExists(atPath: inside.dictionary)
    if !isSeed, let seed = RunFolder(path).startedSeeds().first, RunFolder(path).exists {
      throw TensorFileError(
        path: path, found: "a whole run", expected: "one dictionary",
        hint: "name one of its seeds, such as \(RunFolder(path).seed(seed).path)")
    }
    let folder = isSeed ? inside.dictionary : path
    coder = try SAELensDictionary.read(folder).coder
    name = path
    let beside = isSeed ? inside : SeedFolder(path: Self.parent(of: path))
    record = beside.isFinished ? try beside.readRecord() : nil
    if let record, record.firingDensities.count != coder.latents {
      throw TensorFileError(
        path: beside.record, location: .key("firing_densities"),
        found: "\(record.firingDensities.count) densities", expected: "\(coder.latents), d_sae",
        hint: "the record belongs to another dictionary; move the dictionary elsewhere")
    }
  }

  /// The other finished seeds of the run that it is a seed of; none of a dictionary by itself.
  public func siblings() throws(TensorFileError) -> [NamedDictionary] {
    let run = RunFolder(Self.parent(of: name))
    guard record != nil, run.exists else { return [] }
    let own = URL(fileURLWithPath: name).resolvingSymlinksInPath().path
    return try Self.open([run.path]).filter {
      URL(fileURLWithPath: $0.name).resolvingSymlinksInPath().path != own
    }
  }

  /// The folder above a folder, in the user's own words, so that errors name it as he would.
  private static func parent(of path: String) -> String {
    let trimmed = path.reversed().drop { $0 == "/" }
    let above = String(trimmed.drop { $0 != "/" }.reversed())
    return above.isEmpty ? "." : above == "/" ? "/" : String(above.dropLast())
  }

  /// The dictionaries of paths, of which a whole run stands for all its finished seeds.
  public static func open(_ paths: [String]) throws(TensorFileError) -> [NamedDictionary] {
    var found: [NamedDictionary] = []
    for path in paths {
      let run = RunFolder(path)
      guard run.exists else {
        found.append(try NamedDictionary(path))
        continue
      }
      let seeds = try run.finishedSeeds()
      if seeds.isEmpty {
        throw TensorFileError(
          path: path, found: "a run without a finished seed", expected: "a finished dictionary",
          hint: "finish it with elute train --resume")
      }
      for seed in seeds { found.append(try NamedDictionary(run.seed(seed).path)) }
    }
    return found
  }
}

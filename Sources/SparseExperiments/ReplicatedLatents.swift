import DictionaryMetrics
import RunRecords
import SparseCoding

/// The live latents of the first dictionary ranked by how well they replicate in the others, with the
/// rows that activate them most.
///
/// Live are those that `compare` calls so: their best cosines here are those of its pairs. Those that found
/// a planted direction are left out, because they are not of the data.
struct ReplicatedLatents {
  let most, least: [LatentRecord]
  /// For every latent the rows that activate it most, strongest first.
  let inputs: [[LatentRecord.Input]]

  /// - Parameters:
  ///   - count: How many of each end.
  ///   - inputs: How many rows of a latent.
  ///   - name: What to call a row.
  init(
    of dictionaries: [NamedDictionary], rows: Matrix, count: Int = 8, inputs: Int = 8,
    name: (Int) -> String, compute: Compute
  ) throws {
    let first = dictionaries[0]
    let codes = first.coder.encode(rows, on: compute)
    var firing = FiringCounts(latents: first.coder.latents)
    firing.add(codes)
    let all = try liveAtoms(of: dictionaries, options: ComparisonOptions(), compute: compute).atoms
    let atoms = all[0]
    let cosines = try all.dropFirst().map { other in
      try DictionaryPair(
        atoms, other, convention: CosineConvention(for: first.coder.activation)
      ).bestMatches(on: compute).firstInSecond.cosines
    }
    func replication(_ position: Int) -> Double {
      cosines.reduce(0) { $0 + Double($1[position]) } / Double(max(cosines.count, 1))
    }
    let planted = Set(
      (dictionaries[0].record?.spikeIn?.directions ?? []).filter(\.isFound).map(\.latent))
    let ranked = atoms.liveLatents.indices.filter { !planted.contains(atoms.liveLatents[$0]) }
      .sorted { replication($0) > replication($1) }
    let top = TopInputs(codes, keeping: inputs)
    let named = (0..<first.coder.latents).map { latent in
      top.rows(of: latent).map { LatentRecord.Input(name: name($0.row), value: Double($0.value)) }
    }
    func record(_ position: Int) -> LatentRecord {
      let latent = atoms.liveLatents[position]
      return LatentRecord(
        latent: latent, bestCosines: cosines.map { Double($0[position]) },
        replication: replication(position), density: firing.densities[latent],
        topInputs: named[latent])
    }
    self.inputs = named
    most = ranked.prefix(count).map(record)
    least = ranked.suffix(min(count, max(ranked.count - count, 0))).reversed().map(record)
  }
}

/// For each latent the rows with its greatest values.
private struct TopInputs {
  private var best: [[(row: Int, value: Float)]]

  init(_ codes: SparseCodes, keeping count: Int) {
    best = [[(row: Int, value: Float)]](repeating: [], count: codes.latents)
    for row in 0..<codes.rows {
      for entry in codes.entries(ofRow: row) {
        let latent = Int(codes.indices[entry])
        let value = codes.values[entry]
        if best[latent].count == count, let last = best[latent].last, value <= last.value {
          continue
        }
        let place = best[latent].firstIndex { $0.value < value } ?? best[latent].count
        best[latent].insert((row, value), at: place)
        if best[latent].count > count { best[latent].removeLast() }
      }
    }
  }

  func rows(of latent: Int) -> [(row: Int, value: Float)] { best[latent] }
}

import DictionaryMetrics
import SparseCoding

extension SparseCoder {
  /// The latents without which rows lose least, taken away until so many are left.
  ///
  /// In rounds: those of the least `RemovalCosts` go, at most an eighth at once, and what is left codes the
  /// rows anew, so that the costs of the next round count what stood in.
  ///
  /// - Returns: The latents that are left, ascending.
  /// - Complexity: some 8 log(latents / count) codings of the rows.
  func leastMissed(keeping count: Int, on rows: Matrix, compute: Compute) -> [Int] {
    var kept = Array(0..<latents)
    while kept.count > count {
      let coder = keeping(kept)
      var removal = RemovalCosts(latents: kept.count)
      removal.add(
        coder.encode(rows, on: compute), targets: coder.targets(of: rows), atoms: coder.decoder,
        bias: coder.decoderBias, on: compute)
      let gone = min(kept.count - count, max(kept.count / 8, 1))
      let costs = removal.costs
      let ranked = kept.indices.sorted { (costs[$0], $0) < (costs[$1], $1) }
      kept = ranked.dropFirst(gone).map { kept[$0] }.sorted()
    }
    return kept
  }

  /// What each latent puts into the reconstructions of rows.
  ///
  ///     energy_j = sum over rows of z_j² |d_j|²
  ///
  /// - Complexity: one coding of the rows.
  func energies(on rows: Matrix, compute: Compute) -> [Double] {
    let codes = encode(rows, on: compute)
    var energies = [Double](repeating: 0, count: latents)
    for (latent, value) in zip(codes.indices, codes.values) {
      energies[Int(latent)] += Double(value) * Double(value)
    }
    return energies.enumerated().map { latent, sum in
      sum * decoder.row(latent).reduce(0.0) { $0 + Double($1) * Double($1) }
    }
  }
}

/// The places of the largest values, ascending; of equal ones the first.
func largest(_ count: Int, of values: [Double]) -> [Int] {
  values.indices.sorted { (-values[$0], $0) < (-values[$1], $1) }.prefix(count).sorted()
}

import Elute

/// What a dictionary found of planted directions, each number beside what chance gives.
func spikeLines(_ record: SpikeRecord) -> [String] {
  var lines = [
    "  spike-in: \(record.found) of \(record.planted) planted directions found at cosine "
      + "\(SpikeRecord.threshold) (\(record.foundStrictly) at \(SpikeRecord.strictThreshold)), by chance "
      + "\(record.nullFound); mean best cosine \(fixed(record.meanCosine, 3)), by chance "
      + fixed(record.nullCosine, 3)
  ]
  let seen = record.visibility.map { level in
    "\(level.strength): \(level.frequency.map { "from \(oneIn($0)) on" } ?? "none")"
  }
  if !seen.isEmpty {
    lines.append("  half are found, by strength: \(seen.joined(separator: "; "))")
  }
  let found = record.directions.filter(\.isFound)
  if let rarest = found.map(\.frequency).min() {
    let rarer = record.directions.count { $0.frequency < rarest }
    lines.append("  the rarest found: \(oneIn(rarest)); none of \(rarer) that are rarer")
  }
  return lines
}

/// A share of rows, such as `1 row in 2084`.
private func oneIn(_ share: Double) -> String {
  "1 row in " + (share > 0.1 ? fixed(1 / share, 1) : fixed(1 / share, 0))
}

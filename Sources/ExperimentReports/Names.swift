import RunRecords

extension ReportContent {
  /// The runs' names, as short as they can be told apart: by seed, else by folder.
  var runNames: [String] {
    let seeds = runs.map(\.seed)
    if Set(seeds).count == seeds.count { return seeds.map { "seed \($0)" } }
    return distinctNames(runs.map(\.run))
  }

  /// The compared dictionaries' names, as short as they can be told apart.
  var dictionaryNames: [String] { distinctNames(comparison?.dictionaries ?? []) }

  /// The dictionary at a position, by name.
  func dictionaryName(_ position: Int) -> String {
    let names = dictionaryNames
    return names.indices.contains(position) ? names[position] : "dictionary \(position + 1)"
  }

  /// The runs' settings are the same.
  var isOneConfiguration: Bool { Set(runs.map(\.settings)).count <= 1 }

  /// Rows that training never saw were evaluated, by every run.
  var isHeldOut: Bool { !runs.isEmpty && runs.allSatisfy { $0.data.heldOutRows > 0 } }
}

/// Paths without the folders that all of them begin and end with.
///
/// `runs/a/seed-0/dictionary` and `runs/a/seed-1/dictionary` become `seed-0` and `seed-1`. A path
/// alone keeps its last component; equal paths stay as they are.
func distinctNames(_ paths: [String]) -> [String] {
  let split = paths.map { $0.split(separator: "/") }
  guard let shortest = split.map(\.count).min(), shortest > 0 else { return paths }
  guard Set(paths).count == paths.count else { return paths }
  guard paths.count > 1 else { return [String(split[0][split[0].count - 1])] }
  func agree(_ component: ([Substring]) -> Substring) -> Bool {
    Set(split.map(component)).count == 1
  }
  var front = 0
  while front < shortest - 1 && agree({ $0[front] }) { front += 1 }
  var back = 0
  while back < shortest - front - 1 && agree({ $0[$0.count - 1 - back] }) { back += 1 }
  return split.map { $0[front..<($0.count - back)].joined(separator: "/") }
}

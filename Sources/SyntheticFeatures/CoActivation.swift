import SparseCoding

/// Which features are active together.
public enum CoActivation: Hashable, Sendable {
  /// Every feature by itself.
  case independent
  /// Families of a parent and so many children: the parent is active exactly where a child is.
  ///
  /// Of consecutive features the first of each family is the parent; features that are left over at the end
  /// are independent.
  case hierarchical(children: Int)
  /// Groups of so many features that share a gate: with it open each is active with this chance.
  ///
  /// The gate is open with chance `probability / cofiring`, so every feature is active as often as an independent
  /// one, and beside another of its group `cofiring / probability` times as often.
  case grouped(size: Int, cofiring: Double)
  /// So many in every row: of normal numbers for all features the largest magnitudes, with or without their signs.
  ///
  /// - Source: the synthetic sets of "Toward Identifiable Sparse Autoencoders", which have signs.
  case largest(k: Int, isSigned: Bool = true)

  /// The features of a row and how active they are, where that is no matter of chances.
  func normalCode(
    of features: Int, from stream: inout RandomStream
  ) -> [(feature: Int, value: Float)]? {
    guard case .largest(let k, let isSigned) = self else { return nil }
    let values = stream.gaussians(count: features)
    return Self.largest(k, of: values).sorted().map {
      ($0, isSigned ? values[$0] : abs(values[$0]))
    }
  }

  /// The places of the largest magnitudes, largest first; of equal ones the first.
  static func largest(_ k: Int, of values: [Float]) -> [Int] {
    var chosen: [Int] = []
    for place in values.indices {
      let size = abs(values[place])
      if chosen.count == k {
        guard size > abs(values[chosen[k - 1]]) else { continue }
        chosen.removeLast()
      }
      let after = chosen.lastIndex { abs(values[$0]) >= size }
      chosen.insert(place, at: after.map { $0 + 1 } ?? 0)
    }
    return chosen
  }

  /// The features that are active in a row, ascending.
  ///
  /// Chances skip from one active feature to the next: the gap is geometric.
  func active(
    of features: Int, probability: Double, from stream: inout RandomStream
  ) -> [Int] {
    switch self {
    case .independent, .largest:
      return Self.chosen(0..<features, probability, from: &stream)
    case .hierarchical(let children):
      let family = children + 1
      return Self.chosen(0..<features, probability, from: &stream).reduce(into: []) {
        found, feature in
        let parent = feature / family * family
        // A family that is cut off by the end has no parent; a parent has no chance of its own.
        guard parent + family <= features else { return found.append(feature) }
        guard feature != parent else { return }
        if found.last.map({ $0 < parent }) ?? true { found.append(parent) }
        found.append(feature)
      }
    case .grouped(let size, let cofiring):
      let groups = (features + size - 1) / size
      return Self.chosen(0..<groups, probability / cofiring, from: &stream).flatMap {
        let members = $0 * size..<min(($0 + 1) * size, features)
        return Self.chosen(members, cofiring, from: &stream)
      }
    }
  }

  /// Each of a range with one chance, by itself.
  private static func chosen(
    _ range: Range<Int>, _ probability: Double, from stream: inout RandomStream
  ) -> [Int] {
    guard probability < 1 else { return Array(range) }
    let scale = Elementary.log(1 - probability)
    var chosen: [Int] = []
    var next = range.lowerBound
    while true {
      let gap = Elementary.log(1 - stream.uniform()) / scale
      guard gap < Double(range.upperBound - next) else { return chosen }
      next += Int(gap)
      chosen.append(next)
      next += 1
    }
  }
}

/// Which of a number of items chains of pairs connect.
///
/// - Complexity: near O(1) for a pair.
struct Chains {
  private var roots: [Int]

  /// Items that nothing connects yet.
  init(of items: Int) { roots = Array(0..<items) }

  /// Connects two items, and with them all that either is connected with.
  mutating func connect(_ a: Int, _ b: Int) {
    let (first, second) = (root(a), root(b))
    roots[max(first, second)] = min(first, second)
  }

  /// The items that are connected, singles included: ascending, groups by their first item.
  mutating func groups() -> [[Int]] {
    var groups: [Int: [Int]] = [:]
    for item in roots.indices { groups[root(item), default: []].append(item) }
    return groups.values.sorted { $0[0] < $1[0] }
  }

  private mutating func root(_ item: Int) -> Int {
    var item = item
    while roots[item] != item {
      roots[item] = roots[roots[item]]
      item = roots[item]
    }
    return item
  }
}

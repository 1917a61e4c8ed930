@testable import DictionaryTraining

extension RowOrder {
  /// Which of the training rows are at some positions.
  func rows(_ positions: Range<Int>) -> [Int] {
    var found: [Int] = []
    found.reserveCapacity(positions.count)
    while found.count < positions.count {
      let next = positions.lowerBound + found.count
      let window = window(at: next)
      let end = min(window.positions.upperBound, positions.upperBound)
      found += (next..<end).map { window.row(at: $0) }
    }
    return found
  }
}

import SparseCoding

/// Some of the pairs of two sets of atoms, row after row, and how similar each is.
///
/// Memory: 8 bytes a pair and 8 a row; three times that while pairs are added.
struct CandidatePairs {
  /// A pair: the row in the upper half, the column in the lower, so that keys sort row by row.
  typealias Key = UInt64

  let rows: Int
  let columns: Int
  /// Row `r` has the entries `offsets[r]..<offsets[r + 1]`.
  private(set) var offsets: [Int]
  /// The column of each entry, ascending in a row.
  private(set) var partners: [Int32] = []
  /// The similarity of each entry.
  private(set) var similarities: [Float] = []

  init(rows: Int, columns: Int) {
    self.rows = rows
    self.columns = columns
    offsets = [Int](repeating: 0, count: rows + 1)
  }

  static func key(_ row: Int, _ column: Int) -> Key { Key(row) << 32 | Key(column) }

  /// Adds the pairs that are not there yet; keys in any order, repeated or not.
  ///
  /// - Parameter measure: Gives the similarities of pairs by their offsets and partners, as above.
  /// - Complexity: O(k log k + pairs) for k keys, beside the measuring.
  mutating func add(_ keys: [Key], measure: ([Int], [Int32]) -> [Float]) {
    var fresh = CandidatePairs(rows: rows, columns: columns)
    var previous: Key?
    var entry = 0
    for key in keys.sorted() where key != previous {
      previous = key
      let (row, column) = (Int(key >> 32), Int32(truncatingIfNeeded: key))
      entry = max(entry, offsets[row])
      while entry < offsets[row + 1], partners[entry] < column { entry += 1 }
      if entry < offsets[row + 1], partners[entry] == column { continue }
      fresh.partners.append(column)
      fresh.offsets[row + 1] += 1
    }
    for row in 0..<rows { fresh.offsets[row + 1] += fresh.offsets[row] }
    fresh.similarities = measure(fresh.offsets, fresh.partners)
    self = partners.isEmpty ? fresh : merged(with: fresh)
  }

  private func merged(with other: CandidatePairs) -> CandidatePairs {
    var merged = CandidatePairs(rows: rows, columns: columns)
    merged.partners.reserveCapacity(partners.count + other.partners.count)
    merged.similarities.reserveCapacity(partners.count + other.partners.count)
    for row in 0..<rows {
      var old = offsets[row]
      for new in other.offsets[row]..<other.offsets[row + 1] {
        while old < offsets[row + 1], partners[old] < other.partners[new] {
          merged.append(entry: old, of: self)
          old += 1
        }
        merged.append(entry: new, of: other)
      }
      for rest in old..<offsets[row + 1] { merged.append(entry: rest, of: self) }
      merged.offsets[row + 1] = merged.partners.count
    }
    return merged
  }

  private mutating func append(entry: Int, of other: CandidatePairs) {
    partners.append(other.partners[entry])
    similarities.append(other.similarities[entry])
  }

  /// The lists without bounds checks, for the loops that take all the time.
  struct Lists {
    fileprivate let offsets: UnsafeBufferPointer<Int>
    let partners: UnsafeBufferPointer<Int32>
    let similarities: UnsafeBufferPointer<Float>

    func entries(ofRow row: Int) -> Range<Int> { offsets[row]..<offsets[row + 1] }

    /// The entries of greatest and second greatest gain, similarity less price; `nil` without any.
    ///
    /// With a single one the second gain is taken as the first.
    func twoBest(
      of row: Int, _ prices: UnsafePointer<Double>
    ) -> (best: Int, next: Int?, gain: Double, nextGain: Double)? {
      var (best, next) = (-1, -1)
      var (gain, nextGain) = (-Double.infinity, -Double.infinity)
      for entry in entries(ofRow: row) {
        let value = Double(similarities[entry]) - prices[Int(partners[entry])]
        if value > gain {
          (next, nextGain) = (best, gain)
          (best, gain) = (entry, value)
        } else if value > nextGain {
          (next, nextGain) = (entry, value)
        }
      }
      guard best >= 0 else { return nil }
      return next < 0 ? (best, nil, gain, gain) : (best, next, gain, nextGain)
    }
  }

  /// Calls `body` with the lists, which are not to be used after it.
  func withUnsafeLists(_ body: (Lists) -> Void) {
    offsets.withUnsafeBufferPointer { offsets in
      partners.withUnsafeBufferPointer { partners in
        similarities.withUnsafeBufferPointer { similarities in
          body(Lists(offsets: offsets, partners: partners, similarities: similarities))
        }
      }
    }
  }
}

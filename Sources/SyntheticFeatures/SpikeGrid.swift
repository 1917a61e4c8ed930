import SparseCoding

/// How often and how strongly planted directions fire: a full grid of frequencies and strengths, and some
/// directions in pairs.
///
/// Direction i stands in cell `i mod (frequencies × strengths)`, the commonest and strongest first, so
/// every cell has as many directions as the next, or one more. Of a cell's directions every third is in a
/// pair where there is a rung for its partner: one at an even rung is the parent of that at the next rung
/// and of the same strength, which fires on no row without it. So a child is as rare as its rung says, and
/// fires on `frequency / its parent's frequency` of its parent's rows.
public struct SpikeGrid: Hashable, Sendable {
  /// The shares of rows, falling.
  public let frequencies: [Double]
  /// The mean lengths of what is planted, in units of the rows' deviation, falling.
  public let strengths: [Double]

  /// The grid of the shares and lengths given.
  ///
  /// - Precondition: Both fall and are positive; no share is above 1.
  public init(frequencies: [Double], strengths: [Double]) {
    precondition(
      Self.fall(frequencies) && Self.fall(strengths) && frequencies[0] <= 1,
      "\(frequencies) and \(strengths) do not fall")
    self.frequencies = frequencies
    self.strengths = strengths
  }

  /// The grid for a number of directions in a number of rows that train.
  ///
  /// Strengths are 1, 1/2, 1/4 and 1/8. Three to twelve frequencies, as many as leave three directions to a
  /// cell, fall by one ratio from 1 % (or from what fires on 100 rows, up to 10 %) to one row of all.
  ///
  /// - Precondition: More than ten rows; else no frequency is below another.
  public init(directions: Int, trainingRows: Int) {
    precondition(trainingRows > 10, "\(trainingRows) rows have no rare features")
    let rungs = min(max(directions / 12, 3), 12)
    let rarest = 1 / Double(trainingRows)
    let commonest = min(0.1, max(0.01, 100 * rarest))
    self.init(
      frequencies: (0..<rungs).map { rung in
        // Frequencies decide which rows fire, so they have the same bits everywhere.
        commonest
          * Elementary.exp(
            Double(rung) / Double(rungs - 1) * Elementary.log(rarest / commonest))
      }, strengths: [1, 0.5, 0.25, 0.125])
  }

  /// A number of features in the cells.
  func features(count: Int) -> [SpikeIn.Feature] {
    let cells = frequencies.count * strengths.count
    return (0..<count).map { index in
      let rung = index % cells / strengths.count
      let isPaired = index / cells % 3 == 2
      return SpikeIn.Feature(
        frequency: frequencies[rung], strength: strengths[index % strengths.count],
        parent: isPaired && rung % 2 == 1 ? index - strengths.count : nil)
    }
  }

  private static func fall(_ values: [Double]) -> Bool {
    guard let last = values.last, last > 0 else { return false }
    return zip(values, values.dropFirst()).allSatisfy { $0 > $1 }
  }
}

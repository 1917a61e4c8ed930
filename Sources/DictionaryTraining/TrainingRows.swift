public import SparseCoding

/// The rows of a data set, divided into those that train and those held out.
public struct TrainingRows: Sendable {
  /// All rows.
  public let source: any ActivationSource
  /// Positions of the rows that train, ascending.
  public let training: RowSelection
  /// Positions of the rows that training never sees, ascending.
  public let heldOut: RowSelection
  /// How large sets are shuffled.
  public let layout: OrderLayout
  /// Which part of those that are not held out trains.
  let part: Int
  /// All rows that are not held out, of which a part may train.
  private let undivided: RowSelection

  /// Rows divided by a rule.
  public init(
    _ source: any ActivationSource, holdOut: HoldOut, layout: OrderLayout = .standard
  ) {
    let divided = holdOut.divided(source.rows, width: source.width)
    self.init(source, divided.training, heldOut: divided.heldOut, layout, part: 0)
  }

  private init(
    _ source: any ActivationSource, _ training: RowSelection, heldOut: RowSelection,
    _ layout: OrderLayout, part: Int, undivided: RowSelection? = nil
  ) {
    self.source = source
    self.training = training
    self.heldOut = heldOut
    self.layout = layout
    self.part = part
    self.undivided = undivided ?? training
  }

  /// One of several disjoint parts of the rows that train, drawn once and for all; the rows held out are
  /// the same for all parts.
  ///
  /// - Precondition: `parts` is positive and `part` below it.
  public func part(_ part: Int, of parts: Int) -> TrainingRows {
    TrainingRows(
      source, training.part(part, of: parts), heldOut: heldOut, layout, part: part,
      undivided: undivided)
  }

  /// The number of all rows.
  public var count: Int { source.rows }
  /// The number of activations in a row, `d_in`.
  public var width: Int { source.width }

  /// The held-out rows, or all rows if none are held out; the same for all parts.
  public var evaluated: RowSelection { heldOut.isEmpty ? undivided : heldOut }

  /// The order in which a data seed trains on them.
  public func order(dataSeed: UInt64) -> RowOrder {
    RowOrder(dataSeed: dataSeed, rows: training.count, width: width, layout: layout)
  }

  /// The most rows that an order of so many rows holds in one window.
  public static func largestWindow(rows: Int, width: Int) -> Int {
    RowOrder(dataSeed: 0, rows: rows, width: width).largestWindow
  }
}

/// Which rows training never sees; the same for every seed.
public enum HoldOut: Codable, Hashable, Sendable {
  /// None.
  case none
  /// Rows 0, n, 2n and so on.
  case every(rows: Int)
  /// A fraction of the rows, drawn once and for all.
  case fraction(Double)

  /// The held-out rows among `rows` of a width, and the others.
  public func divided(
    _ rows: Int, width: Int
  ) -> (heldOut: RowSelection, training: RowSelection) {
    switch self {
    case .none: return (.all(0), .all(rows))
    case .every(let step): return RowSelection.every(Swift.max(step, 1), of: rows)
    case .fraction(let fraction):
      let wanted = min(rows, Int((fraction * Double(rows)).rounded()))
      let positions =
        OrderLayout.standard.isOneWindow(rows: rows, width: width)
        ? permuted(rows, keeping: wanted) : drawn(rows, keeping: wanted)
      return RowSelection.listed(positions, of: rows)
    }
  }

  private func permuted(_ rows: Int, keeping wanted: Int) -> [Int] {
    var stream = RandomStream(seed: 0, name: "held-out rows")
    return stream.permutation(count: rows).prefix(wanted).sorted()
  }

  /// Selection sampling, in the memory of the selection alone.
  ///
  /// Each row is taken with the share of what is still wanted among the rows still to come. Source: Knuth,
  /// volume 2, algorithm 3.4.2 S.
  private func drawn(_ rows: Int, keeping wanted: Int) -> [Int] {
    var stream = RandomStream(seed: 0, name: "held-out rows")
    var positions: [Int] = []
    positions.reserveCapacity(wanted)
    for start in stride(from: 0, to: rows, by: 1 << 16) {
      let draws = stream.uniforms(count: min(1 << 16, rows - start))
      for (offset, draw) in draws.enumerated() {
        let row = start + offset
        if draw * Double(rows - row) < Double(wanted - positions.count) { positions.append(row) }
      }
    }
    return positions
  }
}

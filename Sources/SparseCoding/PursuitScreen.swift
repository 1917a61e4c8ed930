import CSparseKernels

/// Narrows the atoms that may be a row's next down to few, by float products with a proved bound.
///
/// With the residual at unit length `r`, an atom's direction `u` and an error of `e` at most,
/// `|<r, u>|` is between `|p| - e` and `|p| + e`, `p` the float product; and
/// what of `u` is outside the span, `1 - sum over i of <q_i, u>²`, is found within `remainderError`.
/// Each gives a lower and an upper end of the score; an atom whose upper end is below another's lower end
/// is not the best. `PursuedRow` scores the candidates in `Double`, so nothing of the screen shows.
struct PursuitScreen {
  private let atoms: FixedAtoms
  private let pursuit: Pursuit
  private let functions: UnsafePointer<EluteKernels>
  /// Float rounding of a product of unit vectors: a chain of `width` operations, and both rounded before.
  private let error: Float
  private let panelRows = Int(ELUTE_PANEL_ROWS)
  private let rows, panel, products: AlignedBuffer<Float>
  /// The squared remainders, for least squares only: `[atoms, panelRows]`, infinite for excluded atoms.
  private let remainders: AlignedBuffer<Float>
  /// The directions that each row's remainders know of.
  private var known: [Int]

  init(for pursuit: Pursuit, on atoms: FixedAtoms) {
    self.pursuit = pursuit
    self.atoms = atoms
    functions = atoms.compute.kernels.functions
    error = Float(atoms.width + 8) * 0x1p-24
    rows = AlignedBuffer(count: panelRows * atoms.stride)
    panel = AlignedBuffer(count: panelRows * atoms.width)
    products = AlignedBuffer(count: panelRows * Int(ELUTE_TILE_LATENTS))
    remainders = AlignedBuffer(
      count: pursuit.rule == .decrease ? panelRows * atoms.count : 0)
    remainders.start.update(repeating: 1, count: remainders.count)
    known = [Int](repeating: 0, count: panelRows)
  }

  /// For each row the atoms that may be its best, ascending; none for finished rows.
  mutating func candidates(for pursued: [PursuedRow]) -> [[Int32]] {
    if pursuit.rule == .decrease { learnDirections(of: pursued) }
    rows.start.update(repeating: 0, count: rows.count)
    // Greatest lower ends of the score; nothing reaches that of a finished row.
    var floors = [Float](repeating: .infinity, count: panelRows)
    for place in pursued.indices where !pursued[place].isFinished {
      floors[place] = 0
      let support = pursued[place].support
      write(support.residual, over: support.squaredResidual.squareRoot(), at: place)
    }
    var found = [[(atom: Int32, upper: Float)]](repeating: [], count: panelRows)
    let isNonnegative = pursuit.isNonnegative
    var remainderErrors = [Float](repeating: 0, count: panelRows)
    for place in remainderErrors.indices { remainderErrors[place] = remainderError(known[place]) }
    floors.withUnsafeMutableBufferPointer { floors in
      forEachProduct { atom, products in
        switch pursuit.rule {
        case .correlation:
          for place in 0..<panelRows {
            let product = isNonnegative ? products[place] : abs(products[place])
            guard product + error >= floors[place] else { continue }
            found[place].append((atom, product + error))
            floors[place] = max(floors[place], product - error)
          }
        case .decrease:
          let remainders = remainders.start + Int(atom) * panelRows
          for place in 0..<panelRows {
            let product = isNonnegative ? products[place] : abs(products[place])
            let reach = product + error
            let left = remainders[place] - remainderErrors[place]
            // Not a division for most; where `left` is not positive the score may be anything.
            guard reach > 0, reach * reach * slack >= floors[place] * left,
              left < .infinity, floors[place] < .infinity
            else { continue }
            let upper = left > 0 ? reach * reach * slack / left : .infinity
            found[place].append((atom, upper))
            let sure = max(0, product - error)
            let lower = sure * sure / (remainders[place] + remainderErrors[place]) / slack
            floors[place] = max(floors[place], lower)
          }
        }
      }
    }
    return pursued.indices.map { place in
      found[place].lazy.filter { $0.upper >= floors[place] }.map(\.atom)
    }
  }

  /// Leaves atoms out of a row's candidates until its basis changes.
  func exclude(_ dependent: [Int], at place: Int) {
    guard pursuit.rule == .decrease else { return }
    for atom in dependent { remainders.start[atom * panelRows + place] = .infinity }
  }

  /// Forgets the remainders of a row and finds them anew from its basis.
  mutating func startAgain(with pursued: PursuedRow, at place: Int) {
    guard pursuit.rule == .decrease else { return }
    for atom in 0..<atoms.count { remainders.start[atom * panelRows + place] = 1 }
    let support = pursued.support
    for first in stride(from: 0, to: support.members.count, by: panelRows) {
      rows.start.update(repeating: 0, count: rows.count)
      let directions = first..<min(first + panelRows, support.members.count)
      for index in directions { write(support.direction(index), over: 1, at: index - first) }
      forEachProduct { atom, products in
        var inside: Float = 0
        for index in 0..<directions.count { inside += products[index] * products[index] }
        remainders.start[Int(atom) * panelRows + place] -= inside
      }
    }
    known[place] = support.members.count
  }

  /// Takes the newest direction of each row off the remainders.
  private mutating func learnDirections(of pursued: [PursuedRow]) {
    rows.start.update(repeating: 0, count: rows.count)
    var hasNew = false
    for place in pursued.indices where !pursued[place].isFinished {
      let support = pursued[place].support
      guard support.members.count > known[place] else { continue }
      write(support.direction(known[place]), over: 1, at: place)
      known[place] += 1
      hasNew = true
    }
    guard hasNew else { return }
    forEachProduct { atom, products in
      let remainders = remainders.start + Int(atom) * panelRows
      for place in 0..<panelRows { remainders[place] -= products[place] * products[place] }
    }
  }

  /// How far the remainders after a number of directions may be off: `sum of 2 e |<q_i, u>|` and the rounding
  /// of squares and differences.
  private func remainderError(_ directions: Int) -> Float {
    let count = Float(directions)
    return 2 * error * count.squareRoot() + count * (error * error + 0x1p-21)
  }

  /// Room for the rounding of the ends themselves.
  private var slack: Float { 1.00001 }

  private func write(_ row: UnsafePointer<Double>, over length: Double, at place: Int) {
    let target = rows.start + place * atoms.stride
    for index in 0..<atoms.stride { target[index] = Float(row[index] / length) }
  }

  /// Calls a closure with every atom and its products with the rows written.
  private func forEachProduct(
    _ body: (_ atom: Int32, _ products: UnsafeMutablePointer<Float>) -> Void
  ) {
    let tile = Int(ELUTE_TILE_LATENTS)
    functions.pointee.pack(rows.start, atoms.stride, panelRows, atoms.width, panel.start)
    for first in stride(from: 0, to: atoms.count, by: tile) {
      let count = min(tile, atoms.count - first)
      functions.pointee.product_strip(
        panel.start, atoms.directions.start + first * atoms.stride, atoms.stride, count,
        atoms.width, products.start)
      for index in 0..<count {
        body(Int32(first + index), products.start + index * panelRows)
      }
    }
  }
}

public import DictionaryMetrics
public import SparseCoding

/// What a search for a smaller code of one reconstruction comes to.
public enum RivalCode: Hashable, Sendable {
  /// There is none: another certificate than Fuchs' proves the code, with this margin.
  case none(margin: Double)
  /// There is one, provably: its atoms, and its size over that of the code.
  case smaller(atoms: [Int], share: Double)
  /// The search did not come to an end that proves either.
  case open
}

extension CodeCertificates {
  /// Looks for codes with the reconstructions of others that are smaller, and proves what it finds.
  ///
  /// The smallest code is sought by homotopy. If it ends on atoms `A`, among them those of the code with their signs, and
  /// the certificate of `A` holds, that proves the code: every other is larger. If it ends on as many atoms as there are
  /// dimensions, these are independent and their code `c` of the reconstruction is exact. With `e` what the computed `c`
  /// leaves of it, no coefficient is off by more than `|e| / sqrt(least eigenvalue)`, so that its size and the signs of
  /// its coefficients are proved.
  ///
  /// - Parameter events: The atoms that may come and go for a row.
  /// - Complexity: That of the homotopies, O(rows × events × atoms × width), and O(rows × width³).
  public func rivals(of codes: SparseCodes, events: Int, on compute: Compute) -> [RivalCode] {
    var found = [Sought?](repeating: nil, count: codes.rows)
    found.withUnsafeMutableBufferPointer { found in
      nonisolated(unsafe) let found = found
      compute.pool.run(units: codes.rows) { row, _ in
        found[row] = sought(codes, row, events: events)
      }
    }
    return found.map { $0.map { judged($0, on: compute) } ?? .open }
  }

  /// A row's code, what it reconstructs, and the smallest code of that.
  private struct Sought {
    var row: [Double]
    /// What the row's norm is off by, at most.
    var rowError: Double
    var size: Double
    var signs: [(atom: Int, sign: Double)]
    var smallest: SmallestCode
  }

  private func sought(_ codes: SparseCodes, _ place: Int, events: Int) -> Sought? {
    var (row, size) = ([Double](repeating: 0, count: bounded.width), 0.0)
    var signs: [(atom: Int, sign: Double)] = []
    for entry in codes.entries(ofRow: place) where codes.values[entry] != 0 {
      let (atom, value) = (Int(codes.indices[entry]), Double(codes.values[entry]))
      signs.append((atom, value < 0 ? -1 : 1))
      size += abs(value) * bounded.lengths[atom]
      for (index, part) in bounded.atoms.row(atom).enumerated() {
        row[index] += value * Double(part)
      }
    }
    guard
      let smallest = SmallestCode(
        of: row, on: bounded, convention: isSigned ? .absolute : .signed, events: events)
    else { return nil }
    // Products of floats are exact; every sum of so many parts is off by less than this.
    let error = Double(signs.count) * 0x1p-52 * size
    return Sought(row: row, rowError: error, size: size, signs: signs, smallest: smallest)
  }

  private func judged(_ sought: Sought, on compute: Compute) -> RivalCode {
    let found = sought.smallest
    let order = found.support.indices.sorted { found.support[$0] < found.support[$1] }
    let support = order.map { found.support[$0] }
    let signs = Dictionary(uniqueKeysWithValues: zip(found.support, found.signs))
    if sought.signs.allSatisfy({ signs[$0.atom] == $0.sign }) {
      let codes = SparseCodes(
        latents: bounded.count, offsets: [0, support.count],
        indices: support.map { Int32($0) }, values: order.map { Float(found.signs[$0]) })
      let proof = certificates(of: codes, on: compute)[0]
      return proof.isUnique ? .none(margin: proof.margin) : .open
    }
    guard support.count == bounded.width else { return .open }
    let least = EigenvalueBounds(
      of: bounded.gram(of: support), order: support.count, entryError: bounded.cosineError
    ).least.lowerBound
    guard least > 0 else { return .open }
    let coefficients = order.map { found.values[$0] }
    let total = coefficients.reduce(0) { $0 + abs($1) }
    let rest = zip(sought.row, bounded.sum(support, coefficients)).map { $0 - $1 }
    let rounding =
      Double(support.count + 4) * 0x1p-52 * (total + sought.size) + bounded.cosineError * total
    let error =
      1.000_001 * (dot(rest, rest).squareRoot() + sought.rowError + rounding) / least.squareRoot()
    // All coefficients together are off by this at most, as a vector.
    let greatest = total + Double(support.count).squareRoot() * error
    guard greatest < sought.size * (1 - bounded.cosineError),
      isSigned || coefficients.allSatisfy({ $0 > error })
    else { return .open }
    return .smaller(atoms: support, share: greatest / sought.size)
  }
}

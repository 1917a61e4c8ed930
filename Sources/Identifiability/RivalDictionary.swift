public import DictionaryMetrics
public import SparseCoding

/// The most different dictionary found that codes rows nearly as well: a lower bound on how far the data leave atoms open.
///
/// An atom is replaced if no atom of the rival comes within a cosine of `threshold` of it, while
///
///     fvu(rival) <= fvu(own) + tolerance
///
/// both by the same pursuit with the same number of active latents, on rows that were not fitted (but that choose
/// among some twenty trials). Two ways lead there. From the atoms themselves: those whose loss costs rows least go first, each begins turned towards the one that it fires
/// with most. And from the one of other dictionaries, such as other seeds, that has least of them: the rest of them
/// are turned away too, those that are least alike first. Pursuit alternates with what was turned, atom by atom at
/// its best place, then taken to the nearest one that is allowed; what was not turned stays. How many can be replaced
/// is found by bisection.
///
/// What is replaceable is shown by the rival; what is not found replaceable may be so all the same.
///
/// - Complexity: `log2(atoms) × rounds` pursuits of the rows a way, O(rows × k × width × atoms) each.
/// - Source: our own; the question is that of "Rashomon sets" (Breiman 2001; Semenova, Rudin and Parr 2022).
/// - Elsewhere: none; retraining with another seed gives one such dictionary, not the most different one.
public struct RivalDictionary: Sendable {
  /// The own atoms and the rival's, at length one, `[atoms, width]`.
  public let own, atoms: Matrix
  /// Of each own atom the largest cosine with an atom of the rival.
  public let cosines: [Double]
  /// What the loss of each own atom would cost, as a share of the variance of the fitted rows.
  public let costs: [Double]
  /// The fraction of variance that the own atoms and the rival leave of the judged rows.
  public let ownFVU, fvu: Double
  /// Codes of the judged rows: by the own atoms, and by the rival.
  public let ownCodes, codes: SparseCodes
  /// The own atoms that no atom of the rival is near, ascending.
  public let replaced: [Int]

  /// What a rival is.
  public struct Settings: Hashable, Sendable {
    /// The variance that it may leave beside what the own atoms leave, as a share.
    public var tolerance: Double
    /// The cosine below which an atom counts as another.
    public var threshold: Double
    /// The active latents of a row.
    public var k: Int
    /// Rounds of codes and atoms.
    public var rounds: Int
    /// The seed of turns where atoms fire alone.
    public var seed: UInt64

    /// Settings of the values given.
    public init(
      tolerance: Double = 0.01, threshold: Double = 0.7, k: Int, rounds: Int = 8, seed: UInt64 = 0
    ) {
      (self.tolerance, self.threshold, self.k) = (tolerance, threshold, k)
      (self.rounds, self.seed) = (rounds, seed)
    }
  }

  /// Looks for a rival.
  ///
  /// - Parameters:
  ///   - own: The atoms, `[atoms, width]`, none zero; at least two.
  ///   - bias: The output's bias, `[width]`.
  ///   - others: Dictionaries to begin with beside the own one, each `[any, width]`, none with a zero atom; those of more atoms are left aside.
  ///   - fitted: Rows that a rival is fitted to.
  ///   - judged: Rows that it is judged on; both vary.
  ///   - progress: Called with the number of atoms that are left out, before each trial; what it throws ends the search.
  public init(
    of own: Matrix, bias: [Float], others: [Matrix] = [], fitted: Matrix, judged: Matrix,
    convention: CosineConvention,
    settings: Settings, compute: Compute, progress: (_ atoms: Int) throws -> Void = { _ in }
  ) throws {
    let trials = RivalTrials(
      own: own, bias: bias, fitted: fitted, convention: convention, settings: settings,
      compute: compute)
    let (mine, left) = trials.judge(trials.own, on: judged)
    let costs = trials.costs
    (ownCodes, ownFVU, self.costs) = (mine, left, costs)
    let most = left + settings.tolerance
    var best = (atoms: trials.own, codes: mine, fvu: left)
    var replaced = [Int]()
    /// Takes over what replaces more.
    func consider(_ atoms: Matrix) -> Bool {
      let (codes, fvu) = trials.judge(atoms, on: judged)
      guard fvu <= most else { return false }
      let found = trials.replaced(in: atoms)
      if found.count > replaced.count { (best, replaced) = ((atoms, codes, fvu), found) }
      return true
    }
    func bisect(from start: Matrix?, _ order: [Int], known: Int) throws {
      var (low, high) = (known, own.rows + 1)
      var count = own.rows
      while low + 1 < high {
        try progress(count)
        if consider(trials.rival(from: start, without: Array(order[..<count]))) {
          low = count
        } else {
          high = count
        }
        count = (low + high) / 2
      }
    }
    try bisect(from: nil, costs.indices.sorted { (costs[$0], $0) < (costs[$1], $1) }, known: 0)
    let starts = others.filter { $0.rows <= own.rows }.map { BoundedAtoms($0).units }
      .filter(consider)
    if let start = starts.max(by: {
      trials.replaced(in: $0).count < trials.replaced(in: $1).count
    }) {
      let cosines = trials.greatestCosines(in: start)
      let order = cosines.indices.sorted { (cosines[$0], $0) < (cosines[$1], $1) }
      try bisect(from: start, order, known: trials.replaced(in: start).count)
    }
    self.own = trials.own
    (atoms, codes, fvu) = best
    cosines = trials.greatestCosines(in: best.atoms)
    self.replaced = replaced
  }
}

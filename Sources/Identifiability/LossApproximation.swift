/// How far the loss of features that are active one at a time is from the loss, exactly.
///
/// Features are active independently with one chance `p` and by one, so that all `2^n` inputs can be gone through.
///
///     |L - L~| <= n² C p²   for p <= 1/n,   C the greatest squared error of any input
///
/// - Source: the unified theory of sparse dictionary learning (arXiv 2512.05534), theorem 3.1, with `p = 1 - S`.
///   Its bench has n p = 10, where the theorem says nothing.
public struct LossApproximation: Hashable, Sendable {
  /// The loss over all inputs, and over those of one active feature.
  public let loss, alone: Double
  /// What the theorem allows them to differ by.
  public let bound: Double

  /// The two losses of a model.
  ///
  /// - Complexity: O(2^features × features × latents).
  /// - Precondition: Twenty features at most.
  public init(of model: PlainModel, inputs: [[Double]], outputs: [[Double]], chance: Double) {
    let count = inputs.count
    precondition(count <= 20 && count > 0, "\(count) features have 2^\(count) inputs")
    func sum(_ rows: [[Double]], _ subset: Int) -> [Double] {
      var total = [Double](repeating: 0, count: rows[0].count)
      for feature in 0..<count where subset >> feature & 1 == 1 {
        for index in total.indices { total[index] += rows[feature][index] }
      }
      return total
    }
    var (loss, alone, greatest) = (0.0, 0.0, 0.0)
    for subset in 0..<(1 << count) {
      let output = model.output(ofCode: model.code(sum(inputs, subset)))
      let error = zip(sum(outputs, subset), output).reduce(0) {
        $0 + ($1.0 - $1.1) * ($1.0 - $1.1)
      }
      let active = subset.nonzeroBitCount
      var probability = 1.0
      for place in 0..<count { probability *= place < active ? chance : 1 - chance }
      loss += probability * error
      if active == 1 { alone += probability * error }
      greatest = max(greatest, error)
    }
    self.loss = loss
    self.alone = alone
    let pairs = Double(count) * chance
    bound = pairs * pairs * greatest
  }
}

import SparseCoding

/// The cross-entropy of logits and its gradient.
enum CrossEntropy {
  /// Below this a gradient counts as zero, so that no product works on denormal numbers.
  static let smallest = 0x1p-100

  /// The mean over rows of `ln sum_j exp(l_j) - l_answer`, and its gradient by the logits,
  /// `(softmax(l) - onehot(answer)) / rows`.
  ///
  /// In `Double`, row after row: a network that has learned its training pairs has a loss far
  /// below what `Float` can tell from zero, and that remainder is what later makes it generalize.
  static func value(_ logits: Matrix, answers: [Int]) -> (loss: Double, gradient: Matrix) {
    var gradient = Matrix(rows: logits.rows, columns: logits.columns)
    var exponentials = [Double](repeating: 0, count: logits.columns)
    var loss = 0.0
    for (row, answer) in answers.enumerated() {
      let start = row * logits.columns
      var largest = logits.values[start]
      for index in 1..<logits.columns { largest = max(largest, logits.values[start + index]) }
      var sum = 0.0
      for index in 0..<logits.columns {
        let exponential = Elementary.exp(Double(logits.values[start + index]) - Double(largest))
        exponentials[index] = exponential
        sum += exponential
      }
      loss += Elementary.log(sum) - (Double(logits.values[start + answer]) - Double(largest))
      for index in 0..<logits.columns {
        let target = index == answer ? 1.0 : 0.0
        let slope = (exponentials[index] / sum - target) / Double(logits.rows)
        gradient.values[start + index] = abs(slope) < smallest ? 0 : Float(slope)
      }
    }
    return (loss / Double(logits.rows), gradient)
  }
}

public import SparseCoding

/// A place in a ``ModularNetwork`` whose activations are read, at the token `=`.
public enum ModularSite: String, CaseIterable, Codable, Hashable, Sendable {
  /// The residual stream after the perceptron: what the unembedding reads.
  case residual
  /// The perceptron's hidden layer after its ReLU.
  case mlpHidden

  /// The place by the name that TransformerLens gives it, and its width.
  public func site(of shape: ModularShape) -> Site {
    switch self {
    case .residual: Site(name: "blocks.0.hook_resid_post", width: shape.width)
    case .mlpHidden: Site(name: "blocks.0.mlp.hook_post", width: shape.hidden)
    }
  }
}

extension ModularNetwork {
  /// What one forward pass computes, kept for the backward pass.
  ///
  /// Only the `=` is answered, which leaves little to compute: the query is the same for all
  /// pairs, and keys and values exist for `2 m + 1` inputs: `a` at place 0 (rows `0..<m`), `b` at
  /// place 1 (rows `m..<2m`) and `=` at place 2 (row `2m`).
  struct Pass {
    /// Embedded inputs, their keys and values, `[2m + 1, width]`; the query, `[1, width]`.
    var inputs, keys, values, query: Matrix
    /// Attention weights, `[pairs, heads * 3]`, and the mixed values, `[pairs, width]`.
    var weights, mixed: Matrix
    /// The residual stream before the perceptron, `[pairs, width]`.
    var middle: Matrix
    /// The hidden layer, `[pairs, hidden]`.
    var hidden: Matrix
    /// The residual stream after the perceptron, `[pairs, width]`, and the logits.
    var residual, logits: Matrix
  }

  /// The logits of all answers, `[pairs, modulus]`.
  ///
  /// With `x` the embedded `=` and `A` the attention's mixture of values:
  ///
  ///     y = x + A W_oᵀ,   h = relu(y W_inᵀ + b_in),   r = y + h W_outᵀ + b_out,   logits = r W_uᵀ
  ///
  /// - Complexity: O(pairs × (width² + width × hidden + width × modulus)).
  public func forward(_ pairs: [ModularPair], on compute: Compute) -> Matrix {
    pass(pairs, on: compute).logits
  }

  /// The share of the pairs whose largest logit is the right answer; ties go to the smaller number.
  ///
  /// - Returns: A number in 0...1; `nan` without pairs.
  public func accuracy(over pairs: [ModularPair], on compute: Compute) -> Double {
    let task = ModularAddition(modulus: shape.modulus)
    let logits = forward(pairs, on: compute)
    let right = pairs.enumerated().count { row, pair in
      let scores = logits.row(row)
      return scores.max().flatMap(scores.firstIndex(of:)) == scores.startIndex
        + task.answer(to: pair)
    }
    return Double(right) / Double(pairs.count)
  }

  /// The activations at a site, one row per pair.
  public func activations(
    at site: ModularSite, pairs: [ModularPair], on compute: Compute
  ) -> Matrix {
    let pass = pass(pairs, on: compute)
    switch site {
    case .residual: return pass.residual
    case .mlpHidden: return pass.hidden
    }
  }

  /// Runs the network and keeps every intermediate value.
  func pass(_ pairs: [ModularPair], on compute: Compute) -> Pass {
    let inputs = embeddedInputs()
    let equals = inputs.selecting(rows: [2 * shape.modulus])
    let keys = compute.product(inputs, key)
    let values = compute.product(inputs, value)
    let query = compute.product(equals, query)

    let weights = attentionWeights(pairs, query: query, keys: keys)
    let mixed = mix(pairs, weights: weights, values: values)
    var middle = compute.product(mixed, output)
    middle.addToEveryRow(equals)

    var hidden = compute.product(middle, mlpIn)
    hidden.addToEveryRow(mlpInBias)
    hidden.rectify()
    var residual = compute.product(hidden, mlpOut)
    residual.addToEveryRow(mlpOutBias)
    residual.add(middle)

    let logits = compute.product(residual, unembedding)
    return Pass(
      inputs: inputs, keys: keys, values: values, query: query, weights: weights, mixed: mixed,
      middle: middle, hidden: hidden, residual: residual, logits: logits)
  }

  /// The rows of keys and values that a pair attends to, place after place.
  func inputRows(of pair: ModularPair) -> SIMD3<Int> {
    SIMD3(pair.first, shape.modulus + pair.second, 2 * shape.modulus)
  }

  /// Token plus position for each of the `2m + 1` inputs.
  private func embeddedInputs() -> Matrix {
    let modulus = shape.modulus
    var inputs = tokens.selecting(
      rows: Array(0..<modulus) + Array(0..<modulus) + [modulus])
    let places = positions.selecting(
      rows: [Int](repeating: 0, count: modulus) + [Int](repeating: 1, count: modulus) + [2])
    inputs.add(places)
    return inputs
  }

  /// `softmax over the three places of query·key / sqrt(head width)`, head after head.
  private func attentionWeights(_ pairs: [ModularPair], query: Matrix, keys: Matrix) -> Matrix {
    let heads = shape.heads
    let scores = attentionScores(query: query, keys: keys)
    var weights = Matrix(rows: pairs.count, columns: heads * 3)
    for (row, pair) in pairs.enumerated() {
      let inputs = inputRows(of: pair)
      for head in 0..<heads {
        var exponentials = SIMD3<Double>()
        for place in 0..<3 { exponentials[place] = scores[inputs[place] * heads + head] }
        exponentials -= exponentials.max()
        for place in 0..<3 { exponentials[place] = Elementary.exp(exponentials[place]) }
        let sum = exponentials[0] + exponentials[1] + exponentials[2]
        for place in 0..<3 { weights[row, head * 3 + place] = Float(exponentials[place] / sum) }
      }
    }
    return weights
  }

  /// `query·key / sqrt(head width)` for every input and head, `[2m + 1, heads]`.
  private func attentionScores(query: Matrix, keys: Matrix) -> [Double] {
    let width = shape.headWidth
    let scale = 1 / Double(width).squareRoot()
    var scores: [Double] = []
    for row in 0..<keys.rows {
      for head in 0..<shape.heads {
        var sum = 0.0
        for component in head * width..<(head + 1) * width {
          sum += Double(query[0, component]) * Double(keys[row, component])
        }
        scores.append(sum * scale)
      }
    }
    return scores
  }

  /// Each head's weighted sum of three values.
  private func mix(_ pairs: [ModularPair], weights: Matrix, values: Matrix) -> Matrix {
    let (heads, width) = (shape.heads, shape.headWidth)
    var mixed = Matrix(rows: pairs.count, columns: shape.width)
    mixed.values.withUnsafeMutableBufferPointer { mixed in
      values.values.withUnsafeBufferPointer { values in
        for (row, pair) in pairs.enumerated() {
          let inputs = inputRows(of: pair)
          for head in 0..<heads {
            for place in 0..<3 {
              let weight = weights[row, head * 3 + place]
              let target = (row * heads + head) * width
              let source = (inputs[place] * heads + head) * width
              for index in 0..<width { mixed[target + index] += weight * values[source + index] }
            }
          }
        }
      }
    }
    return mixed
  }
}

import SparseCoding

/// The gradient, derived on paper. For a value `v`, `dv` is the derivative of the loss by `v`.
///
///     l = r W_uᵀ                    dW_u   = dlᵀ r       dr = dl W_u
///     r = y + h W_outᵀ + b_out      dW_out = drᵀ h       dh = dr W_out      db_out = sum of dr
///     h = relu(u)                   du     = dh where h > 0, else 0
///     u = y W_inᵀ + b_in            dW_in  = duᵀ y       dy = dr + du W_in  db_in  = sum of du
///     y = x + z W_oᵀ                dW_o   = dyᵀ z       dz = dy W_o        dx     = sum of dy
///     z = sum over places of p v    dv_j += p_j dz       dp_j = dz·v_j      (each head)
///     p = softmax(s)                ds_j   = p_j (dp_j - sum_i p_i dp_i)
///     s_j = q·k_j / sqrt(c)         dk_j   = ds_j q / sqrt(c)   dq = sum of ds_j k_j / sqrt(c)
///     q = x W_qᵀ                    dW_q   = dqᵀ x       dx += dq W_q
///     K = X W_kᵀ, V = X W_vᵀ        dW_k   = dKᵀ X       dX  = dK W_k + dV W_v
///
/// `X` are the `2m + 1` inputs, of which `x` is the last. Since a score depends on its input alone,
/// `ds` is summed over pairs first. An input is a token plus a position, so both receive `dX`.
extension ModularNetwork {
  /// The loss on some pairs and its gradient by every weight.
  func lossAndGradient(
    _ pairs: [ModularPair], on compute: Compute
  ) -> (loss: Double, gradient: ModularNetwork) {
    let task = ModularAddition(modulus: shape.modulus)
    let pass = pass(pairs, on: compute)
    let (loss, logits) = CrossEntropy.value(pass.logits, answers: pairs.map(task.answer(to:)))
    return (loss, gradient(pairs, pass: pass, logits: logits, on: compute))
  }

  /// From the gradient by the logits, `[pairs, modulus]`, to the gradient by every weight.
  private func gradient(
    _ pairs: [ModularPair], pass: Pass, logits: Matrix, on compute: Compute
  ) -> ModularNetwork {
    var gradient = ModularNetwork(zeros: shape)
    gradient.unembedding = compute.transposedTimes(logits, pass.residual)
    let residual = compute.times(logits, unembedding)

    gradient.mlpOut = compute.transposedTimes(residual, pass.hidden)
    gradient.mlpOutBias = residual.columnSums()
    var hidden = compute.times(residual, mlpOut)
    hidden.keep(where: pass.hidden)

    gradient.mlpIn = compute.transposedTimes(hidden, pass.middle)
    gradient.mlpInBias = hidden.columnSums()
    var middle = compute.times(hidden, mlpIn)
    middle.add(residual)

    gradient.output = compute.transposedTimes(middle, pass.mixed)
    let mixed = compute.times(middle, output)
    let attention = attentionGradient(pairs, pass: pass, mixed: mixed)

    let equals = pass.inputs.selecting(rows: [2 * shape.modulus])
    gradient.query = compute.transposedTimes(attention.query, equals)
    gradient.key = compute.transposedTimes(attention.keys, pass.inputs)
    gradient.value = compute.transposedTimes(attention.values, pass.inputs)

    var inputs = compute.times(attention.keys, key)
    inputs.add(compute.times(attention.values, value))
    var equalsGradient = compute.times(attention.query, query)
    equalsGradient.add(middle.columnSums())
    for column in 0..<shape.width {
      inputs[2 * shape.modulus, column] += equalsGradient[0, column]
    }
    gradient.accumulate(inputs: inputs)
    return gradient
  }

  /// From the gradient by the mixed values to those by the query, the keys and the values.
  private func attentionGradient(
    _ pairs: [ModularPair], pass: Pass, mixed: Matrix
  ) -> (query: Matrix, keys: Matrix, values: Matrix) {
    let (heads, width) = (shape.heads, shape.headWidth)
    var values = Matrix(rows: pass.values.rows, columns: shape.width)
    var scores = [Double](repeating: 0, count: pass.keys.rows * heads)
    values.values.withUnsafeMutableBufferPointer { valueGradient in
      mixed.values.withUnsafeBufferPointer { mixed in
        pass.values.values.withUnsafeBufferPointer { values in
          for (row, pair) in pairs.enumerated() {
            let inputs = inputRows(of: pair)
            for head in 0..<heads {
              let source = (row * heads + head) * width
              var weightGradients = SIMD3<Double>()
              var mean = 0.0
              for place in 0..<3 {
                let weight = pass.weights[row, head * 3 + place]
                let target = (inputs[place] * heads + head) * width
                var sum = 0.0
                for index in 0..<width {
                  sum += Double(mixed[source + index]) * Double(values[target + index])
                }
                for index in 0..<width {
                  valueGradient[target + index] += weight * mixed[source + index]
                }
                weightGradients[place] = sum
                mean += Double(weight) * sum
              }
              for place in 0..<3 {
                let weight = Double(pass.weights[row, head * 3 + place])
                scores[inputs[place] * heads + head] += weight * (weightGradients[place] - mean)
              }
            }
          }
        }
      }
    }
    let (query, keys) = scoreGradient(scores, pass: pass)
    return (query, keys, values)
  }

  /// From the gradient by the scores, `[2m + 1, heads]`, to those by the query and the keys.
  private func scoreGradient(_ scores: [Double], pass: Pass) -> (query: Matrix, keys: Matrix) {
    let width = shape.headWidth
    let scale = 1 / Double(width).squareRoot()
    var query = [Double](repeating: 0, count: shape.width)
    var keys = Matrix(rows: pass.keys.rows, columns: shape.width)
    for row in 0..<keys.rows {
      for column in 0..<shape.width {
        let score = scores[row * shape.heads + column / width] * scale
        query[column] += score * Double(pass.keys[row, column])
        keys[row, column] = Float(score * Double(pass.query[0, column]))
      }
    }
    return (Matrix(rows: 1, columns: shape.width, values: query.map { Float($0) }), keys)
  }

  /// Adds the gradient by the `2m + 1` inputs to those by their tokens and positions.
  private mutating func accumulate(inputs: Matrix) {
    for row in 0..<inputs.rows {
      let place = row / shape.modulus
      let token = place == 2 ? shape.modulus : row % shape.modulus
      for column in 0..<shape.width {
        tokens[token, column] += inputs[row, column]
        positions[place, column] += inputs[row, column]
      }
    }
  }
}

import SparseCoding

@testable import AlgorithmicTransformer

/// The network once more, in `Double` and as a textbook writes it: every token of `[a, b, =]`
/// attends causally, and every token passes through every layer.
struct TextbookNetwork {
  typealias Vector = [Double]
  let shape: ModularShape
  var weights: [String: [Vector]]

  init(_ network: ModularNetwork) {
    shape = network.shape
    weights = [:]
    for tensor in ModularNetwork.tensors {
      let matrix = network[keyPath: tensor.path]
      weights[tensor.name] = (0..<matrix.rows).map { matrix.row($0).map { Double($0) } }
    }
  }

  func apply(_ name: String, to input: Vector) -> Vector {
    let bias = weights[name + ".bias"]?.first
    return (weights[name] ?? []).enumerated().map { row, weights in
      zip(weights, input).reduce(bias?[row] ?? 0) { $0 + $1.0 * $1.1 }
    }
  }

  func logits(_ pair: ModularPair) -> (residual: Vector, hidden: Vector, logits: Vector) {
    let tokens = [pair.first, pair.second, shape.modulus]
    let inputs = tokens.enumerated().map { place, token in
      sum(weights["tokens"]?[token] ?? [], weights["positions"]?[place] ?? [])
    }
    let queries = inputs.map { apply("attention.query", to: $0) }
    let keys = inputs.map { apply("attention.key", to: $0) }
    let values = inputs.map { apply("attention.value", to: $0) }
    var answer = (residual: Vector(), hidden: Vector(), logits: Vector())
    for place in inputs.indices {
      var mixed = Vector(repeating: 0, count: shape.width)
      for head in 0..<shape.heads {
        let range = head * shape.headWidth..<(head + 1) * shape.headWidth
        let scores = (0...place).map { other in
          zip(queries[place][range], keys[other][range]).reduce(0) { $0 + $1.0 * $1.1 }
            / Double(shape.headWidth).squareRoot()
        }
        let attention = softmax(scores)
        for other in 0...place {
          for component in range { mixed[component] += attention[other] * values[other][component] }
        }
      }
      let middle = sum(inputs[place], apply("attention.output", to: mixed))
      let hidden = apply("mlp.in", to: middle).map { max($0, 0) }
      let residual = sum(middle, apply("mlp.out", to: hidden))
      answer = (residual, hidden, apply("unembedding", to: residual))
    }
    return answer
  }

  func loss(_ pairs: [ModularPair]) -> Double {
    let task = ModularAddition(modulus: shape.modulus)
    let losses = pairs.map { pair in
      -Elementary.log(softmax(logits(pair).logits)[task.answer(to: pair)])
    }
    return losses.reduce(0, +) / Double(pairs.count)
  }

  private func sum(_ a: Vector, _ b: Vector) -> Vector { zip(a, b).map { $0 + $1 } }

  private func softmax(_ scores: Vector) -> Vector {
    let largest = scores.max() ?? 0
    let exponentials = scores.map { Elementary.exp($0 - largest) }
    return exponentials.map { $0 / exponentials.reduce(0, +) }
  }
}

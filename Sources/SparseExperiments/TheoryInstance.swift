import Identifiability
import RunRecords
import SparseCoding

/// One random instance of a statement.
struct TheoryInstance {
  let theory: Experiment.TheoryCase
  var stream: RandomStream

  init(_ theory: Experiment.TheoryCase, number: Int) {
    self.theory = theory
    // Of one size and number all statements see the same features.
    stream = RandomStream(seed: UInt64(number), name: "theory")
  }

  /// Unit directions, uniform.
  mutating func directions(_ count: Int, width: Int? = nil) -> [[Double]] {
    (0..<count).map { _ in
      unit(stream.gaussians(count: width ?? theory.width).map(Double.init))
    }
  }

  /// Unit directions that have something in common, so that all products are positive or nearly so.
  mutating func cone(_ count: Int) -> [[Double]] {
    directions(count).map { row in
      unit(row.map { $0 + 2 / Double(theory.width).squareRoot() })
    }
  }

  /// An orthonormal basis, uniform.
  mutating func basis() -> [[Double]] {
    var basis: [[Double]] = []
    for row in directions(theory.width) {
      var rest = row
      for _ in 0..<2 {
        for other in basis {
          let part = dot(other, rest)
          for index in rest.indices { rest[index] -= part * other[index] }
        }
      }
      basis.append(unit(rest))
    }
    return basis
  }

  /// Each feature to one of so many latents, at random, at least one of them with two.
  mutating func partition(latents: Int) -> ActivationPattern {
    while true {
      var active = [[Int]](repeating: [], count: latents)
      for feature in 0..<theory.features { active[stream.index(below: latents)].append(feature) }
      let pattern = ActivationPattern(features: theory.features, active: active)
      if pattern.isPolysemantic { return pattern }
    }
  }

  /// Weights between a half and two.
  mutating func weights(_ count: Int) -> [Double] {
    (0..<count).map { _ in 0.5 + 1.5 * stream.uniform() }
  }

  /// Adds a normal number to every weight of both blocks.
  mutating func perturb(_ model: inout PlainModel, by size: Double) {
    for latent in model.encoder.indices {
      for index in model.encoder[latent].indices {
        model.encoder[latent][index] += size * stream.gaussian()
      }
      for index in model.atoms[latent].indices {
        model.atoms[latent][index] += size * stream.gaussian()
      }
    }
  }
}

/// What one instance shows.
struct TheoryFinding {
  /// Values of which the mean over instances counts.
  var values: [Measure: Double] = [:]
  /// Values of which the greatest over instances counts.
  var greatest: [Measure: Double] = [:]
  /// How often something happened, of how many times that it might have.
  var counts: [Measure: (hits: Int, trials: Int)] = [:]
  /// What depends on something.
  var curve: TheoryRecord.Curve?

  mutating func count(_ measure: Measure, _ holds: Bool) {
    let known = counts[measure] ?? (0, 0)
    counts[measure] = (known.hits + (holds ? 1 : 0), known.trials + 1)
  }
}

/// The largest magnitude.
func largest(_ rows: [[Double]]) -> Double { rows.joined().reduce(0) { max($0, abs($1)) } }

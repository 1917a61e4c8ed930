import DictionaryMetrics
import SparseCoding

/// The live latents of several autoencoders in one frame, so that any of them can stand in one dictionary.
///
/// Atoms have unit length, with encoder rows, biases and thresholds as much longer, and all subtract and add
/// one bias, the mean of the dictionaries': each latent's score of a row is what it was.
///
///     W |d|,   (b_enc + W (b - b_in)) |d|,   θ |d|,   b = mean of b_dec
struct LatentUnion {
  private let like: SparseCoder
  private let convention: CosineConvention
  private let bias: [Float]
  private let atoms, encoder: Matrix
  private let encoderBias, thresholds: [Double]
  /// Where each dictionary's latents begin, and where a latent is.
  private let places: [[Int: Int]]

  /// The number of latents.
  var count: Int { atoms.rows }

  /// - Parameters:
  ///   - dictionaries: Of one kind.
  ///   - live: Their atoms, in the same order.
  init(_ dictionaries: [SparseCoder], live: [UnitAtoms], convention: CosineConvention) {
    like = dictionaries[0]
    self.convention = convention
    let width = like.outputWidth
    let shared = (0..<width).map { column in
      Float(
        dictionaries.reduce(0.0) { $0 + Double($1.decoderBias[column]) }
          / Double(dictionaries.count))
    }
    bias = shared
    var (atoms, rows): ([Float], [Float]) = ([], [])
    var (biases, thresholds): ([Double], [Double]) = ([], [])
    var places: [[Int: Int]] = []
    for (coder, units) in zip(dictionaries, live) {
      var place: [Int: Int] = [:]
      let inputBias = coder.inputBias
      for (position, latent) in units.liveLatents.enumerated() {
        place[latent] = biases.count
        let length = units.lengths[latent]
        let row = coder.encoder.row(latent)
        atoms += units.live.row(position)
        rows += row.map { Float(Double($0) * length) }
        var score = Double(coder.encoderBias[latent])
        for (column, weight) in row.enumerated() {
          score += Double(weight) * (Double(shared[column]) - Double(inputBias[column]))
        }
        biases.append(score * length)
        if !coder.thresholds.isEmpty {
          thresholds.append(Double(coder.thresholds[latent]) * length)
        }
      }
      places.append(place)
    }
    self.atoms = Matrix(rows: biases.count, columns: width, values: atoms)
    encoder = Matrix(rows: biases.count, columns: like.inputWidth, values: rows)
    encoderBias = biases
    self.thresholds = thresholds
    self.places = places
  }

  /// Where an atom's latent is in the union.
  func place(of member: AtomClusters.Member) -> Int {
    guard let place = places[member.dictionary][member.latent] else {
      preconditionFailure("latent \(member.latent) of \(member.dictionary) is not live")
    }
    return place
  }

  /// The dictionary whose latents are the centers of groups.
  ///
  ///     c = mean of s_i d_i,   d = c / |c|,   W = |c| mean of s_i W_i,   b_enc and θ as W
  ///
  /// with `s_i` the sign that aligns a member with the first, 1 for signed cosines. Of a row that all members
  /// see alike the center reconstructs what the members' mean reconstruction has along it.
  func centers(_ groups: [[Int]]) -> SparseCoder {
    var (decoder, rows): ([Float], [Float]) = ([], [])
    var (biases, limits): ([Float], [Float]) = ([], [])
    for group in groups {
      let signs = signs(group)
      let center = mean(atoms, group, signs)
      let length = center.reduce(0) { $0 + $1 * $1 }.squareRoot()
      // A member alone stays bit for bit what it is.
      let factor = group.count == 1 ? 1 : length
      decoder += center.map { Float($0 / factor) }
      rows += mean(encoder, group, signs).map { Float($0 * factor) }
      let share = factor / Double(group.count)
      biases.append(Float(zip(group, signs).reduce(0) { $0 + encoderBias[$1.0] * $1.1 } * share))
      if !thresholds.isEmpty {
        limits.append(Float(group.reduce(0) { $0 + thresholds[$1] } * share))
      }
    }
    var coder = SparseCoder(
      architecture: like.architecture, activation: like.activation,
      encoder: Matrix(rows: groups.count, columns: like.inputWidth, values: rows),
      decoder: Matrix(rows: groups.count, columns: like.outputWidth, values: decoder),
      encoderBias: biases, decoderBias: bias)
    coder.thresholds = limits
    return coder
  }

  /// The member of a group that is nearest to its center.
  func nearest(_ group: [Int]) -> Int {
    let signs = signs(group)
    let center = mean(atoms, group, signs)
    let cosines = zip(group, signs).map { place, sign in
      zip(atoms.row(place), center).reduce(0.0) { $0 + Double($1.0) * $1.1 } * sign
    }
    var best = 0
    for candidate in cosines.indices where cosines[candidate] > cosines[best] { best = candidate }
    return group[best]
  }

  /// What each member is multiplied with to point along the first.
  private func signs(_ group: [Int]) -> [Double] {
    guard convention == .absolute else { return group.map { _ in 1 } }
    return group.map { place in
      let product = zip(atoms.row(group[0]), atoms.row(place)).reduce(0.0) {
        $0 + Double($1.0) * Double($1.1)
      }
      return product < 0 ? -1 : 1
    }
  }

  private func mean(_ matrix: Matrix, _ group: [Int], _ signs: [Double]) -> [Double] {
    var sum = [Double](repeating: 0, count: matrix.columns)
    for (place, sign) in zip(group, signs) {
      for (column, value) in matrix.row(place).enumerated() { sum[column] += Double(value) * sign }
    }
    return sum.map { $0 / Double(group.count) }
  }
}

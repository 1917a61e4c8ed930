public import SparseCoding

/// Known directions that are planted in rows, as controls: what a training finds of them says what it can
/// see, and how rare or weak a feature is that it cannot.
///
///     x'_r = x_r + sum over the features i that fire on r of  strength_i · deviation · |1 + g_ir / 4| · d_i
///
/// The `d_i` are uniform on the sphere and orthogonal to nothing; `g` is standard normal. A feature without
/// a parent fires on row r where its uniform number r is below its frequency; a child where its parent
/// fires and its own number is below the ratio of their frequencies. All of it is a pure function of
/// (seed, feature, row): rows in memory, read in any order or blocks, or read again, are the same bits.
///
/// Uniform directions rarely lie where the rows themselves vary most, and nothing but chance fires with
/// them. Features of a network do and have, so they are harder to see: what a run misses here it misses
/// there, and not the other way round.
///
/// - Complexity: A counter hash for each feature and row (some 20 ns on one loaded core), and O(width) for each firing.
/// - Source: Spike-in standards of quantitative assays (External RNA Controls Consortium 2005), which are
///   added at known amounts for the same reason.
/// - Elsewhere: no other trainer plants controls in activations; SynthSAEBench and `PlantedDictionary` make
///   all of the data.
public struct SpikeIn: Sendable {
  /// What is known of a planted direction.
  public struct Feature: Hashable, Sendable {
    /// The share of rows on which it fires.
    public var frequency: Double
    /// Its mean length where it fires, in units of the rows' deviation.
    public var strength: Double
    /// The feature without which it never fires.
    public var parent: Int?

    /// A feature of the values given.
    public init(frequency: Double, strength: Double, parent: Int? = nil) {
      self.frequency = frequency
      self.strength = strength
      self.parent = parent
    }
  }

  /// What is planted.
  public let features: [Feature]
  /// Where it points, `[features, width]`, of unit length.
  public let directions: Matrix
  /// The unit of strengths: the root mean square distance of the rows from their mean.
  public let deviation: Double
  /// The seed of directions and firings.
  public let seed: UInt64

  private let firing: [RandomStream]
  private let values: [RandomStream]

  /// A number of features in the cells of a grid.
  public init(_ grid: SpikeGrid, count: Int, width: Int, deviation: Double, seed: UInt64) {
    self.init(grid.features(count: count), width: width, deviation: deviation, seed: seed)
  }

  /// The features given, along random directions.
  ///
  /// - Precondition: Parents come before their children, have none and are no rarer.
  public init(_ features: [Feature], width: Int, deviation: Double, seed: UInt64) {
    for (index, feature) in features.enumerated() {
      guard let parent = feature.parent else { continue }
      precondition(
        parent < index && features[parent].parent == nil
          && features[parent].frequency >= feature.frequency,
        "feature \(parent) is no parent of feature \(index)")
    }
    self.features = features
    self.deviation = deviation
    self.seed = seed
    directions = randomDirections(
      count: features.count, width: width, seed: seed, name: "spike-in directions")
    firing = features.indices.map { RandomStream(seed: seed, name: "spike-in \($0) fires") }
    values = features.indices.map { RandomStream(seed: seed, name: "spike-in \($0) values") }
  }

  /// As many directions of the same law that are planted nowhere: what chance gives.
  public var neverPlanted: Matrix {
    randomDirections(
      count: features.count, width: directions.columns, seed: seed,
      name: "spike-in directions never planted")
  }

  /// The variance that is added, as a share of the rows' own; expected, for features that fire alone.
  ///
  ///     sum of strength² (17/16 frequency - frequency²)
  public var addedVariance: Double {
    features.reduce(0) {
      $0 + $1.strength * $1.strength * (1.0625 * $1.frequency - $1.frequency * $1.frequency)
    }
  }

  /// The rows of a range on which a feature fires, ascending.
  public func firings(of index: Int, in rows: Range<Int>) -> [Int] {
    let feature = features[index]
    if let parent = feature.parent {
      let share = feature.frequency / features[parent].frequency
      return firings(of: parent, in: rows).filter { row in
        var own = firing[index].dropping(row)
        return own.uniform() < share
      }
    }
    var own = firing[index].dropping(rows.lowerBound)
    var found: [Int] = []
    for (row, draw) in zip(rows, own.uniforms(count: rows.count)) where draw < feature.frequency {
      found.append(row)
    }
    return found
  }

  /// The length of what a feature adds to a row on which it fires.
  public func value(of index: Int, at row: Int) -> Float {
    var own = values[index].dropping(row)
    return Float(features[index].strength * deviation * abs(1 + 0.25 * own.gaussian()))
  }

  /// Plants the features in consecutive rows, which stand one after the other.
  public func add(to target: UnsafeMutablePointer<Float>, rows: Range<Int>) {
    let width = directions.columns
    // As many rows at once as there are numbers that stay in cache.
    for first in stride(from: rows.lowerBound, to: rows.upperBound, by: 4096) {
      let block = first..<min(first + 4096, rows.upperBound)
      for index in features.indices {
        for row in firings(of: index, in: block) {
          let length = value(of: index, at: row)
          let place = target + (row - rows.lowerBound) * width
          for (column, part) in directions.row(index).enumerated() {
            place[column] += length * part
          }
        }
      }
    }
  }
}

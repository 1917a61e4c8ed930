import SparseCoding
import Testing

@testable import SyntheticFeatures

/// What the bench promises of directions, codes and rows.
struct LinearRepresentationBenchTests {
  private let compute = Compute(threads: 2)

  private func settings(
    _ features: Int = 60, width: Int = 48, _ change: (inout BenchSettings) -> Void = { _ in }
  ) -> BenchSettings {
    var settings = BenchSettings()
    settings.features = features
    settings.width = width
    settings.rows = 4000
    settings.activationProbability = 0.05
    settings.descent.interference = 0.2
    change(&settings)
    return settings
  }

  @Test func directionsAreUnitAndInterfereNoMoreThanAllowed() throws {
    let bench = try LinearRepresentationBench(settings(), on: compute)
    let gram = compute.product(bench.features[0], bench.features[0])
    var greatest = -Float.infinity
    for row in 0..<60 {
      #expect(abs(gram[row, row] - 1) < 1e-6)
      for column in 0..<60 where column != row { greatest = max(greatest, gram[row, column]) }
    }
    #expect(greatest <= 0.2 && Double(greatest) == bench.greatestProducts[0])
    // Without the descent they do.
    let start = InterferenceDescent(interference: 0.2, steps: 0).directions(
      count: 60, width: 48, seed: 0, name: "bench/features/0", on: compute)
    #expect(start.greatest > 0.4 && start.steps == 0)
  }

  /// Whoever draws a row, it is the same.
  @Test func allRowsAtOnceAreThoseReadOneByOne() throws {
    let bench = try LinearRepresentationBench(
      settings {
        $0.rows = 600
        $0.sites = 2
        $0.noise = 0.1
      }, on: compute)
    let read = try bench.matrix(ofRows: Array(0..<600))
    #expect(bench.matrix(on: compute) == read)
    #expect(bench.matrix(on: Compute(threads: 1)) == read)
    #expect(bench.matrix(on: Compute(threads: 3)) == read)
  }

  /// The gradient is that of the loss, by central differences.
  @Test func theDescentFollowsTheGradientOfItsLoss() {
    let descent = InterferenceDescent(
      interference: 0.1, margin: 0.01, spread: 0.3, rate: 0.01, steps: 1)
    func loss(_ rows: [[Double]]) -> Double {
      var sum = 0.0
      for (i, a) in rows.enumerated() {
        for (j, b) in rows.enumerated() where i != j {
          let product = zip(a, b).reduce(0) { $0 + $1.0 * $1.1 }
          sum += max(0, product - 0.09) * max(0, product - 0.09)
          sum += 0.3 * max(0, product) * max(0, product)
        }
      }
      return sum
    }
    let start = randomDirections(count: 5, width: 3, seed: 4, name: "gradient")
    let moved = descent.directions(count: 5, width: 3, seed: 4, name: "gradient", on: compute)
    let rows = (0..<5).map { start.row($0).map(Double.init) }
    for row in 0..<5 {
      var expected = rows[row]
      for column in 0..<3 {
        var (up, down) = (rows, rows)
        up[row][column] += 1e-5
        down[row][column] -= 1e-5
        expected[column] -= 0.01 * (loss(up) - loss(down)) / 2e-5
      }
      let norm = expected.reduce(0) { $0 + $1 * $1 }.squareRoot()
      for column in 0..<3 {
        #expect(abs(Double(moved.directions[row, column]) - expected[column] / norm) < 1e-5)
      }
    }
  }

  @Test func rowsAreTheSumOfWhatIsActive() throws {
    let bench = try LinearRepresentationBench(settings(), on: compute)
    let codes = bench.codes(ofRows: 100..<140)
    let rows = try bench.matrix(ofRows: Array(100..<140))
    for row in 0..<40 {
      var expected = [Double](repeating: 0, count: 48)
      for entry in codes.entries(ofRow: row) {
        let feature = Int(codes.indices[entry])
        for column in 0..<48 {
          expected[column] +=
            Double(codes.values[entry]) * Double(bench.features[0][feature, column])
        }
      }
      for column in 0..<48 { #expect(abs(Double(rows[row, column]) - expected[column]) < 1e-5) }
    }
    // In any order and any company the same bits.
    #expect(try bench.matrix(ofRows: [117]).values == Array(rows.row(17)))
  }

  @Test func featuresAreActiveAsOftenAndAsMuchAsAsked() throws {
    let bench = try LinearRepresentationBench(
      settings { ($0.least, $0.scale) = (0.5, 2) }, on: compute)
    let codes = bench.codes(ofRows: 0..<4000)
    let count = Double(codes.indices.count)
    // 240,000 chances of 0.05: a standard deviation of 107.
    #expect(abs(count - 12_000) < 430)
    let mean = codes.values.reduce(0.0) { $0 + Double($1) } / count
    #expect(abs(mean - 2.5) < 4 * 2 / count.squareRoot())
    #expect(codes.values.allSatisfy { $0 >= 0.5 })
    var each = [Int](repeating: 0, count: 60)
    for index in codes.indices { each[Int(index)] += 1 }
    // Binomial with mean 200 and deviation 13.8.
    #expect(each.allSatisfy { abs(Double($0) - 200) < 70 })
  }

  @Test func aParentIsActiveExactlyWhereAChildIs() throws {
    let bench = try LinearRepresentationBench(
      settings(62) { $0.coActivation = .hierarchical(children: 3) }, on: compute)
    let codes = bench.codes(ofRows: 0..<4000)
    var counts = [Int](repeating: 0, count: 62)
    for row in 0..<4000 {
      let active = Set(codes.entries(ofRow: row).map { Int(codes.indices[$0]) })
      #expect(active.count == codes.entries(ofRow: row).count)
      for parent in stride(from: 0, to: 60, by: 4) {
        #expect(active.contains(parent) == (1...3).contains { active.contains(parent + $0) })
      }
      for feature in active { counts[feature] += 1 }
    }
    let chance = 1 - 0.95 * 0.95 * 0.95
    #expect(abs(Double(counts[0]) - 4000 * chance) < 90 && abs(Double(counts[61]) - 200) < 60)
  }

  @Test func groupsAreActiveTogether() throws {
    let bench = try LinearRepresentationBench(
      settings { $0.coActivation = .grouped(size: 6, cofiring: 0.5) }, on: compute)
    let codes = bench.codes(ofRows: 0..<4000)
    var (single, both) = (0.0, 0.0)
    for row in 0..<4000 {
      let active = Set(codes.entries(ofRow: row).map { Int(codes.indices[$0]) })
      for group in 0..<10 where active.contains(6 * group) {
        single += 1
        if active.contains(6 * group + 1) { both += 1 }
      }
    }
    #expect(abs(single / 40_000 - 0.05) < 0.005)
    #expect(abs(both / single - 0.5) < 0.06)
  }

  @Test func sitesShareCodesAndWhatIsAskedOfTheirFeatures() throws {
    let both = try LinearRepresentationBench(
      settings { ($0.sites, $0.sharing) = (2, .overlapping(0.5)) }, on: compute)
    for feature in 0..<60 {
      #expect((both.features[0].row(feature) == both.features[1].row(feature)) == (feature < 30))
    }
    // Those that are its own are pushed away from those that it shares.
    let gram = compute.product(both.features[1], both.features[1])
    let greatest = gram.values.enumerated().filter { $0.offset % 61 != 0 }.map(\.element).max() ?? 1
    #expect(greatest <= 0.2 && Double(greatest) == both.greatestProducts[1])
    let own = try LinearRepresentationBench(
      settings { ($0.sites, $0.sharing) = (3, .specific(0.5)) }, on: compute)
    for feature in 0..<60 {
      let present = (0..<3).filter { site in own.features[site].row(feature).contains { $0 != 0 } }
      #expect(present == (feature < 30 ? [feature % 3] : [0, 1, 2]))
    }
    let rows = try both.matrix(ofRows: [3, 9])
    let second = try both.site(1).matrix(ofRows: [3, 9])
    #expect(rows.selecting(columns: 48..<96) == second)
    let noisy = try LinearRepresentationBench(
      settings { ($0.sites, $0.noise) = (2, 0.3) }, on: compute)
    let (whole, part) = (
      try noisy.matrix(ofRows: [3, 9]), try noisy.site(1).matrix(ofRows: [3, 9])
    )
    #expect(whole.selecting(columns: 48..<96) == part)
    #expect(both.width == 96)
  }

  /// The largest of normal numbers, with their signs: as many in every row, each feature as often as any other.
  @Test func theLargestOfNormalNumbersAreActive() throws {
    let bench = try LinearRepresentationBench(
      settings {
        $0.coActivation = .largest(k: 6)
        $0.scale = 2
      }, on: compute)
    let codes = bench.codes(ofRows: 0..<4000)
    #expect((0..<4000).allSatisfy { codes.entries(ofRow: $0).count == 6 })
    #expect(
      (0..<4000).allSatisfy { row in
        let own = codes.indices[codes.entries(ofRow: row)]
        return zip(own, own.dropFirst()).allSatisfy(<)
      })
    let negative = codes.values.count { $0 < 0 }
    #expect(abs(negative - 12_000) < 400)
    // Of 60 normal numbers the sixth largest magnitude is about 1.64; the scale is two.
    let least = codes.values.map(abs).min() ?? 0
    #expect(least > 1 && abs(codes.values.map(abs).reduce(0, +) / 24_000 - 4.1) < 0.2)
    var counts = [Int](repeating: 0, count: 60)
    for index in codes.indices { counts[Int(index)] += 1 }
    #expect(counts.allSatisfy { abs($0 - 400) < 100 })
  }

  /// The rows are those of the signed bench but for the signs.
  @Test func withoutSignsTheSameMagnitudesAreActive() throws {
    let signed = try LinearRepresentationBench(
      settings { $0.coActivation = .largest(k: 6) }, on: compute
    ).codes(ofRows: 0..<50)
    let plain = try LinearRepresentationBench(
      settings { $0.coActivation = .largest(k: 6, isSigned: false) }, on: compute
    ).codes(ofRows: 0..<50)
    #expect(plain.indices == signed.indices && plain.values == signed.values.map(abs))
    #expect(signed.values.contains { $0 < 0 })
  }

  @Test func theLargestAreThoseThatSortingFindsEarlierOnesFirst() {
    var stream = RandomStream(seed: 4, name: "largest")
    for k in [1, 3, 17, 40] {
      let values = stream.gaussians(count: 40).map { ($0 * 4).rounded() }
      let sorted = values.indices.sorted { (-abs(values[$0]), $0) < (-abs(values[$1]), $1) }
      #expect(CoActivation.largest(k, of: values) == Array(sorted.prefix(k)))
    }
  }

  @Test func directionsOfAClusterAreAlike() throws {
    let bench = try LinearRepresentationBench(
      settings(200) {
        $0.mixture = DirectionMixture(components: 4, spread: 0.5)
        $0.descent.interference = 1
      }, on: compute)
    let gram = compute.product(bench.features[0], bench.features[0])
    var (near, far) = (0, 0)
    for row in 0..<200 {
      #expect(abs(gram[row, row] - 1) < 1e-5)
      for column in 0..<row {
        if gram[row, column] > 0.6 { near += 1 } else if abs(gram[row, column]) < 0.55 { far += 1 }
      }
    }
    // A quarter of the pairs is of one cluster, at a cosine of 0.8; the others are nearly at random.
    #expect(abs(Double(near) / 19_900 - 0.25) < 0.06 && near + far > 19_700)
    let other = DirectionMixture(components: 4, spread: 0.5)
    #expect(
      other.directions(count: 5, width: 48, seed: 0, name: "a")
        != other.directions(count: 5, width: 48, seed: 1, name: "a"))
  }

  @Test func noiseHasItsLength() throws {
    let settings = settings(1) { ($0.noise, $0.activationProbability) = (0.3, 1e-12) }
    let rows = try LinearRepresentationBench(settings, on: compute).matrix(ofRows: Array(0..<400))
    let squared = rows.values.reduce(0.0) { $0 + Double($1) * Double($1) } / 400
    #expect(abs(squared.squareRoot() - 0.3) < 0.01)
  }

  @Test func whatMakesNoDataIsRefused() {
    func key(_ change: (inout BenchSettings) -> Void) -> String? {
      do throws(BenchError) {
        _ = try LinearRepresentationBench(settings(60, width: 48, change), on: compute)
        return nil
      } catch { return error.key }
    }
    #expect(key { $0.features = 0 } == "features")
    #expect(key { $0.width = 1 } == "width")
    #expect(key { $0.activationProbability = 0 } == "activation_probability")
    #expect(key { $0.activationProbability = 1e-17 } == "activation_probability")
    #expect(key { $0.descent.rate = .nan } == "descent_rate")
    #expect(key { $0.descent.rate = 1e300 } == "interference")
    #expect(key { $0.descent.steps = -1 } == "descent_steps")
    #expect(key { $0.width = .max } == "width")
    #expect(key { $0.scale = 0 } == "scale")
    #expect(key { $0.coActivation = .hierarchical(children: 60) } == "children")
    #expect(key { $0.coActivation = .grouped(size: 5, cofiring: 0.01) } == "cofiring")
    #expect(key { ($0.sites, $0.sharing) = (2, .specific(1.5)) } == "specific")
    #expect(key { $0.coActivation = .largest(k: 61) } == "largest")
    #expect(key { $0.mixture = DirectionMixture(components: 0) } == "mixture")
    #expect(key { $0.mixture = DirectionMixture(components: 4, spread: 0) } == "mixture_spread")
    // Forty directions in a plane are near each other whatever is done.
    #expect(key { ($0.features, $0.width, $0.descent.steps) = (40, 2, 50) } == "interference")
    #expect(key { _ in } == nil)
  }
}

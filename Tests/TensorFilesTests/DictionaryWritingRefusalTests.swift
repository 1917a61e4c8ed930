import SparseCoding
import Testing

@testable import TensorFiles

@Suite("dictionaries that are not written") struct DictionaryWritingRefusalTests {
  typealias Breaking = (architecture: String, change: @Sendable (inout SparseCoder) -> Void)

  private static func breaking(
    _ name: String, _ architecture: String, _ mentions: String,
    _ change: @escaping @Sendable (inout SparseCoder) -> Void
  ) -> Case<Breaking> { Case(name, (architecture, change), mentions) }

  static let cases: [Case<Breaking>] = [
    breaking("a rule of training", "standard", "key activation: found 'batchtopk'") {
      $0.activation = .batchTopK(k: 2)
    },
    breaking("k of none", "topk", "key k: found 0 active of 12") { $0.activation = .topK(k: 0) },
    breaking("k below none", "abstopk", "key k") { $0.activation = .absTopK(k: -2) },
    breaking("k above d_sae", "elute_autoencoder", "key k: found 13") {
      $0.activation = .topK(k: 13)
    },
    breaking("no thresholds", "jumprelu", "tensor threshold: found no such tensor") {
      $0.thresholds = []
    },
    breaking("too few thresholds", "jumprelu", "found the shape [11]") {
      $0.thresholds.removeLast()
    },
    breaking("a negative threshold", "jumprelu", "found 1 of 12 below zero") {
      $0.thresholds[3] = -1
    },
    breaking("a threshold of infinity", "jumprelu", "1 of 12 values not finite") {
      $0.thresholds[3] = .infinity
    },
    breaking("a threshold that is no number", "jumprelu", "1 of 12 values not finite") {
      $0.thresholds[3] = .nan
    },
    breaking(
      "thresholds of a relu", "standard", "tensor threshold: found the shape [12], expected none"
    ) {
      $0.thresholds = [Float](repeating: 1, count: 12)
    },
    breaking("no magnitudes", "gated", "tensor r_mag: found no such tensor") { $0.magnitude = nil },
    breaking("too few magnitudes", "gated", "tensor b_mag: found the shape [11]") {
      $0.magnitude?.bias.removeLast()
    },
    breaking("magnitudes of a relu", "standard", "tensor r_mag") {
      $0.magnitude = .init(logScale: [], bias: [])
    },
    breaking("no linear path", "skip_transcoder", "tensor W_skip: found no such tensor") {
      $0.skip = nil
    },
    breaking("a linear path the other way", "skip_transcoder", "found the shape [5, 4]") {
      $0.skip = $0.skip?.transposed()
    },
    breaking("a linear path of an autoencoder", "standard", "tensor W_skip") {
      $0.skip = Matrix(rows: 5, columns: 5)
    },
    breaking("no steps", "elute_autoencoder", "key steps: found 0 steps of abstopk") {
      $0.multistep?.steps = 0
    },
    breaking("steps of a relu", "standard", "key steps: found 3 steps of relu") {
      $0.multistep = .init(steps: 3, feedback: Matrix(rows: 12, columns: 12))
    },
    breaking("feedback of another shape", "elute_crosscoder", "tensor S: found the shape [12, 11]")
    {
      $0.multistep?.feedback = Matrix(rows: 12, columns: 11)
    },
    breaking("sites of another width", "topk", "tensor W_enc: found the shape [5, 12], expected") {
      $0.architecture = .autoencoder(Site(name: "a", width: 6))
    },
    breaking("a crosscoder with an empty site", "elute_crosscoder", "key sites") {
      $0.architecture = .crosscoder([Site(name: "a", width: 11), Site(name: "b", width: 0)])
    },
    breaking("too few biases", "topk", "tensor b_enc: found the shape [11]") {
      $0.encoderBias.removeLast()
    },
    breaking("too few biases of the input", "elute_transcoder", "tensor b_in: found the shape [4]")
    {
      $0.inputBias.removeLast()
    },
    breaking("a bias that is not finite", "elute_transcoder", "tensor b_in: found 1 of 5 values") {
      $0.inputBias[2] = .nan
    },
    breaking("feedback that is not finite", "elute_transcoder", "tensor S: found 1 of 144 values") {
      $0.multistep?.feedback[3, 3] = .infinity
    },
    breaking("folding beyond floats", "transcoder", "tensor b_enc: found 12 of 12 values") {
      for i in $0.inputBias.indices { $0.inputBias[i] = 3e38 }
      for i in $0.encoder.values.indices { $0.encoder.values[i] = 2 }
    },
  ]

  @Test("what a reader would refuse is not written", arguments: cases)
  func refuses(_ crafted: Case<Breaking>) throws {
    let sample = DictionarySample.ofEachArchitecture.first {
      $0.expectedArchitecture == crafted.payload.architecture
    }
    var coder = try #require(sample).coder
    crafted.payload.change(&coder)
    let work = Workspace()
    let error = try #require(
      failure { () throws(TensorFileError) in
        try SAELensDictionary.write(coder, to: work.file("d"))
      })
    #expect(error.description.contains(crafted.mentions), "\(error)")
    #expect(work.names == [])
  }
}

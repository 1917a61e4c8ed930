import ArgumentParser
import Elute

/// Trains the network of the demo; hidden, as its result is bundled.
struct TrainNetworkCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "train-network",
    abstract: "Train the mod-113 network whose weights are bundled.", shouldDisplay: false)

  @Option(help: "Seed of weights and split.")
  var seed: UInt64 = 0
  @Option(help: "Full-batch steps.")
  var steps = 20_000
  @Option(help: "AdamW's learning rate.")
  var learningRate = 1e-3
  @Option(help: "AdamW's weight decay.")
  var weightDecay = 1.0
  @Option(help: "The share of all pairs that is trained on.")
  var trainingFraction = 0.3
  @Option(help: "Factor of the initial weights.")
  var initialScale = 1.0
  @Option(help: "The safetensors file to write.")
  var out: String

  @OptionGroup var compute: ComputeOptions

  func run() throws {
    let place = try compute.compute()
    var progress = ProgressLine()
    let begin = Stopwatch()
    var configuration = ModularNetworkTraining.Configuration(seed: seed, steps: steps)
    configuration.learningRate = learningRate
    configuration.weightDecay = weightDecay
    configuration.trainingFraction = trainingFraction
    configuration.initialScale = initialScale
    let training = trainModularNetwork(configuration: configuration, on: place) { now, _ in
      progress.draw(
        "step", done: now.steps, of: steps, seconds: begin.seconds, detail: ", loss \(now.loss)")
      return true
    }
    progress.clear()
    let trained = TrainedModularNetwork(training, eluteVersion: eluteVersion, on: place)
    try trained.write(to: out)
    print("held-out accuracy \(fixed(100 * trained.heldOutAccuracy, 3)) % -> \(out)")
  }
}

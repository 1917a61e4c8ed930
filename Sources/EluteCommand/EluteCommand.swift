import ArgumentParser
import Elute

/// The command `elute`: every subcommand parses, calls the library, prints and exits.
struct EluteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "elute",
    abstract: "Learns sparse dictionaries from activations and tells which features to trust.",
    discussion: """
      Example:
        elute demo                the whole story on bundled real activations
        elute train --help        how to begin with your own

      Exit status: 0 done, 1 a judged expectation failed, 2 could not run, 130 interrupted.
      """,
    version: eluteVersion,
    subcommands: [
      DemoCommand.self, TrainCommand.self, EvaluateCommand.self, CompareCommand.self,
      ConsensusCommand.self, RefineCommand.self, CertifyCommand.self, RivalCommand.self,
      ReportCommand.self, ReproduceCommand.self, InspectCommand.self, SynthesizeCommand.self,
      NullCommand.self,
      BenchmarkCommand.self,
      TrainNetworkCommand.self,
    ])
}

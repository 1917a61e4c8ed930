import Elute

/// The words of an error: what is wrong, and on a line of its own what to do.
struct Wording: Equatable {
  var problem: String
  var hint: String

  /// The words for the library's errors; nothing for those of argument parsing, which has its own.
  init?(_ error: any Error) {
    switch error {
    case let error as TensorFileError:
      self.init(problem: error.description, hint: error.hint)
    case let error as ConfigurationError:
      self.init(
        problem: "\(error.key): found \(error.found), expected \(error.expected)",
        hint: error.hint)
    case let error as BenchError:
      self.init(
        problem: "\(error.key): found \(error.found), expected \(error.expected)",
        hint: error.hint)
    case let error as MetricError:
      self.init(problem: error.description, hint: error.hint)
    default: return nil
    }
  }

  init(problem: String, hint: String) {
    self.problem = problem
    self.hint = hint
  }

  var text: String { "error: \(problem)" + (hint.isEmpty ? "" : "\nhint: \(hint)") }
}

import DictionaryTraining
public import RunRecords
public import SparseCoding

/// Gathers what a report of a run shows.
///
/// - Parameters:
///   - rows: The data, for the inputs that activate latents most; without them those tables are empty.
///   - introduction: Sentences on the data and the network.
///   - rowName: What to call a row.
/// - Throws: `TensorFileError` for files of the run, `MetricError` for dictionaries that cannot be
///   compared.
public func reportContent(
  of run: RunFolder, rows: Matrix?, title: String? = nil, introduction: [String] = [],
  rowName: (Int) -> String = { "row \($0)" }, compute: Compute
) throws -> ReportContent {
  let description = try run.description()
  let dictionaries = try NamedDictionary.open([run.path])
  let records = dictionaries.compactMap(\.record)
  var comparison: ComparisonRecord?
  var latents: ReplicatedLatents?
  if dictionaries.count > 1 {
    comparison = try compare(dictionaries, options: ComparisonOptions(), compute: compute)
    if let rows {
      try checkWidth(of: rows, path: description.data.path, for: dictionaries[0].coder)
      latents = try ReplicatedLatents(
        of: dictionaries[0], in: Array(dictionaries.dropFirst()), rows: rows, name: rowName,
        compute: compute)
    }
  }
  return ReportContent(
    title: title ?? "Sparse dictionaries: \(run.name)", introduction: introduction, runs: records,
    comparison: comparison,
    agreement: try agreementOverTraining(run, seeds: records.map(\.seed), compute: compute),
    mostReplicated: latents?.most ?? [], leastReplicated: latents?.least ?? [])
}

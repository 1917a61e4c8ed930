import DictionaryTraining
public import RunRecords
public import SparseCoding
import TensorFiles

/// Gathers what a report of a run shows.
///
/// - Parameters:
///   - rows: The data of the run, for the inputs that activate latents most; without them those tables
///     are empty.
///   - introduction: Sentences on the data and the network.
///   - rowName: What to call a row.
///   - certify: How the dictionaries are certified on the rows that the run was evaluated on; they are not if it is
///     absent.
/// - Throws: `TensorFileError` for files of the run, `MetricError` for dictionaries that cannot be
///   compared.
public func reportContent(
  of run: RunFolder, rows: Matrix?, title: String? = nil, introduction: [String] = [],
  rowName: (Int) -> String = { "row \($0)" }, certify: CertificationOptions? = nil,
  compute: Compute
) throws -> ReportContent {
  let description = try run.description()
  if let rows { try check(rows, against: description.data, of: run) }
  let dictionaries = try NamedDictionary.open([run.path])
  let records = dictionaries.compactMap(\.record)
  let divided = rows.map { TrainingRows($0, holdOut: description.plan.holdOut) }
  var comparison: ComparisonRecord?
  var replication: ReplicationRecord?
  var latents: ReplicatedLatents?
  if dictionaries.count > 1 {
    var options = ComparisonOptions()
    if let rows, let divided {
      options.codesOn = rows.selecting(rows: Array(divided.evaluated))
      options.controlsFrom = rows
    }
    comparison = try compare(dictionaries, options: options, compute: compute)
    replication = try atomReplication(dictionaries, compute: compute)
    if let rows {
      let found = try ReplicatedLatents(
        of: dictionaries, rows: rows, name: rowName, compute: compute)
      latents = found
      for place in replication?.atoms.indices ?? 0..<0 {
        guard let latent = replication?.atoms[place].atom else { continue }
        replication?.atoms[place].topInputs = Array(found.inputs[latent].prefix(3))
      }
    }
  }
  var certificates: [CertificateRecord]?
  if let certify, let rows, let divided {
    certificates = try dictionaries.map { named in
      try Certification(
        of: named, siblings: dictionaries.filter { $0.name != named.name }, on: rows,
        rows: divided.evaluated, path: description.data.path, options: certify, compute: compute
      ).record
    }
  }
  let spikes = records.compactMap(\.spikeIn)
  return ReportContent(
    title: title ?? "Sparse dictionaries: \(run.name)", introduction: introduction, runs: records,
    comparison: comparison,
    agreement: try agreementOverTraining(run, records: records, compute: compute),
    mostReplicated: latents?.most ?? [], leastReplicated: latents?.least ?? [],
    replication: replication,
    visibility: spikes.isEmpty ? nil : spikeVisibility(of: spikes), certificates: certificates)
}

/// Refuses rows that are not those of the run: their inputs would be shown as what activates latents.
private func check(
  _ rows: Matrix, against data: RunRecord.Data, of run: RunFolder
) throws(TensorFileError) {
  let found = ActivationStore.fingerprint(of: rows)
  guard found == data.fingerprint else {
    throw TensorFileError(
      path: run.descriptionPath, location: .key("data.fingerprint"),
      found: "\(rows.rows) rows of width \(rows.columns), fingerprint \(found.prefix(12))…",
      expected: "the \(data.rows) rows of the run, fingerprint \(data.fingerprint.prefix(12))…",
      hint: "the data changed since; give those of the run, \(data.path)")
  }
}

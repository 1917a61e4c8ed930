import DictionaryTraining
public import RunRecords
import SparseCoding

/// The description of a run, `run.json`: what was decided, on which data and on which machine.
///
/// Settings have the names that flags and settings files give them.
public struct RunDescription: Codable, Hashable, Sendable {
  /// The version of this layout; a reader refuses any other.
  public static let currentSchema = 4

  /// Elute's version that began it.
  public var eluteVersion: String
  /// The run with all defaults filled in.
  public var plan: RunPlan
  /// The data.
  public var data: RunRecord.Data
  /// What names the anchors' directions, if the run has any.
  public var anchorFingerprint: String?
  /// The machine that began the run or last went on with it; not part of the result.
  public var host: RunRecord.Host

  init(
    plan: RunPlan, data: RunRecord.Data, anchorFingerprint: String? = nil, host: RunRecord.Host
  ) {
    eluteVersion = SparseExperiments.eluteVersion
    self.plan = plan
    self.data = data
    self.anchorFingerprint = anchorFingerprint
    self.host = host
  }

  /// Where the sites' activations were read, in the order of their columns.
  public var paths: [String] { plan.paths.isEmpty ? [data.path] : plan.paths }

  enum CodingKeys: String, CodingKey {
    case schema, sites, settings, data, host
    case eluteVersion = "elute_version"
    case anchorFingerprint = "anchor_fingerprint"
  }

  /// Writes the plan as settings.
  public func encode(to encoder: any Encoder) throws {
    var container = encoder.container(keyedBy: CodingKeys.self)
    try container.encode(Self.currentSchema, forKey: .schema)
    try container.encode(eluteVersion, forKey: .eluteVersion)
    try container.encode(plan.configuration.architecture.sites, forKey: .sites)
    try container.encode(TrainSettings(plan), forKey: .settings)
    try container.encode(data, forKey: .data)
    try container.encodeIfPresent(anchorFingerprint, forKey: .anchorFingerprint)
    try container.encode(host, forKey: .host)
  }

  /// Reads the settings and resolves them, as they were when the run began.
  public init(from decoder: any Decoder) throws {
    let container = try decoder.container(keyedBy: CodingKeys.self)
    eluteVersion = try container.decode(String.self, forKey: .eluteVersion)
    data = try container.decode(RunRecord.Data.self, forKey: .data)
    anchorFingerprint = try container.decodeIfPresent(String.self, forKey: .anchorFingerprint)
    host = try container.decode(RunRecord.Host.self, forKey: .host)
    let sites = try container.decode([Site].self, forKey: .sites)
    let settings = try container.decode(TrainSettings.self, forKey: .settings)
    do {
      plan = try settings.resolved(sites: sites, rows: data.rows)
    } catch {
      throw DecodingError.dataCorruptedError(
        forKey: .settings, in: container, debugDescription: "\(error.key): \(error.found)")
    }
  }
}

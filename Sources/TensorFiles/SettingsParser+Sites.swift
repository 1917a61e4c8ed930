import SparseCoding

extension SettingsParser {
  /// The sites: of SAELens' layouts the hooks of the metadata, of Elute's the key `sites`.
  mutating func architecture(
    _ layout: DictionaryLayout, _ inputWidth: Int, _ outputWidth: Int, _ skip: Bool
  ) -> Architecture? {
    func hook(_ key: String, _ name: String, _ width: Int) -> Site {
      Site(name: metadata[key]?.stringValue ?? name, width: width)
    }
    guard layout.isOwn else {
      let input = hook("hook_name", "activations", inputWidth)
      switch layout.family {
      case .autoencoder, .crosscoder: return .autoencoder(input)
      case .transcoder:
        let output = hook("hook_name_out", "outputs", outputWidth)
        return .transcoder(input: input, output: output, skip: skip)
      }
    }
    guard let sites = sites(), let first = sites.first, let last = sites.last else { return nil }
    switch layout.family {
    case .autoencoder:
      checkCount(sites, 1)
      check("d_in", inputWidth, isSumOf: [first])
      check("d_out", outputWidth, isSumOf: [first])
      return .autoencoder(first)
    case .transcoder:
      checkCount(sites, 2)
      check("d_in", inputWidth, isSumOf: [first])
      check("d_out", outputWidth, isSumOf: [last])
      return .transcoder(input: first, output: last, skip: skip)
    case .crosscoder:
      check("d_in", inputWidth, isSumOf: sites)
      check("d_out", outputWidth, isSumOf: sites)
      return .crosscoder(sites)
    }
  }

  /// The sites of the key, in order; `nil` and a problem if they are not all in order.
  private mutating func sites() -> [Site]? {
    let found = (members["sites"]?.arrayValue ?? []).map { (element) -> Site? in
      guard let members = element.objectValue, members.count == 2,
        let name = members["name"]?.stringValue, let width = members["width"]?.integerValue,
        width > 0
      else { return nil }
      return Site(name: name, width: width)
    }
    let sites = found.compactMap(\.self)
    if sites.isEmpty || sites.count < found.count {
      refuse(
        "sites", expected: "an array of objects of a name and a width from 1, and nothing else")
      return nil
    }
    return sites
  }

  private mutating func checkCount(_ sites: [Site], _ count: Int) {
    if sites.count != count {
      refuse("sites", expected: "\(count) of them, not \(sites.count)")
    }
  }

  private mutating func check(_ key: String, _ width: Int, isSumOf sites: [Site]) {
    var sum = 0
    for site in sites {
      let (next, overflow) = sum.addingReportingOverflow(site.width)
      guard !overflow else { return refuse("sites", expected: "widths whose sum is a number") }
      sum = next
    }
    if sum != width { refuse(key, expected: "\(sum), the width of its sites") }
  }
}

import Elute
import Foundation
import Testing

@Suite("certify") struct CertifyCommandTests {
  private let bench =
    "synthesize lrb --features 60 --width 48 --rows 3000 --activation-probability 0.05 --interference 0.3 --seed 2 --out b"
  private let train =
    "train --data b --d-sae 120 --k 6 --batch 128 --steps 600 --lr 0.003 --out r"

  @Test("it says what is proved, writes it, and overwrites nothing")
  func endToEnd() throws {
    let place = try Workspace()
    try eluteSucceeds(bench, in: place)
    _ = try elute(train, in: place)
    let text = try eluteSucceeds(
      "certify r/seed-0 --data b --holdout every:10 --truth b --lambda 0.1 --out c --export-trusted t",
      in: place)
    #expect(text.contains("-> t: "))
    try eluteSucceeds("evaluate t --data b", in: place)
    let page = String(decoding: try place.bytes("c/certificate.html"), as: UTF8.self)
    #expect(page.contains("id=\"holds\"") && page.contains("r/seed-0"))
    #expect(text.hasPrefix("r/seed-0 on 300 rows of b\n") && text.hasSuffix("-> c\n"))
    for id in CertificateRecord.ID.allCases {
      #expect(text.contains("\n  \(id.rawValue) "), "\(id.rawValue)")
    }
    let json = try JSONOutput(
      eluteSucceeds("certify r/seed-0 --data b --holdout every:10 --json", in: place))
    #expect(json["claims"].items.count == CertificateRecord.ID.allCases.count)
    #expect(json["rows"].number == 300 && json["d_sae"].number == 120 && json["k"].number == 6)
    let finding = json["claims"].items[0]["finding"]
    #expect(finding["kind"].text == "deductive" && finding["verdict"].text == "proved")
    let table = String(decoding: try place.bytes("c/atoms.csv"), as: UTF8.self)
    #expect(table.split(separator: "\n").count == 121)
    let silent = table.split(separator: "\n").count { $0.contains(",silent,") }
    #expect(120 - silent == Int(try #require(json["live"].number)))

    let again = try elute("certify r/seed-0 --data b --out c", in: place)
    #expect(again.status == 2 && again.errors.contains("new or empty"))
    // The same whatever the threads.
    try eluteSucceeds(
      "certify r/seed-0 --data b --holdout every:10 --truth b --lambda 0.1 --threads 1 --out d",
      in: place)
    for file in ["atoms.csv", "certificate.html", "pairs.csv"] {
      #expect(try place.bytes("c/" + file) == place.bytes("d/" + file))
    }
  }

  @Test("a run's seeds stand side by side, each as by itself, and in its report")
  func several() throws {
    let place = try Workspace()
    try eluteSucceeds(bench, in: place)
    _ = try elute(train + " --seeds 0,1", in: place)
    let text = try eluteSucceeds("certify r --data b --out c", in: place)
    #expect(text.contains("  unit-norm               proved 2\n") && text.hasSuffix("-> c\n"))
    #expect(place.names(in: "c") == ["certificate.html", "seed-0", "seed-1"])
    try eluteSucceeds("certify r/seed-1 --data b --out d", in: place)
    for file in ["atoms.csv", "certificate.html", "certificate.json"] {
      #expect(try place.bytes("c/seed-1/" + file) == place.bytes("d/" + file))
    }
    let page = String(decoding: try place.bytes("c/certificate.html"), as: UTF8.self)
    #expect(page.contains(#"href="./seed-1/certificate.html">r/seed-1<"#))
    let json = try JSONOutput(eluteSucceeds("certify r r/seed-0 --data b --json", in: place))
    #expect(json["certificates"].items.count == 3)
    // Equal names are told apart.
    try eluteSucceeds("certify r/seed-0 r/seed-0/ --data b --out e", in: place)
    #expect(place.names(in: "e") == ["1-seed-0", "2-seed-0", "certificate.html"])

    let plain = try JSONOutput(eluteSucceeds("report r --json", in: place))
    let certified = try JSONOutput(eluteSucceeds("report r --certify --json", in: place))
    #expect(certified.keys.subtracting(plain.keys) == ["certificates"])
    #expect(certified["certificates"].items.map(\.["rows"].number) == [300, 300])
    try eluteSucceeds("report r --certify -o r.html", in: place)
    let report = String(decoding: try place.bytes("r.html"), as: UTF8.self)
    #expect(report.contains(#"<section id="certificate""#) && report.contains("no-pair-turn"))
    try place.remove("b")
    let lost = try elute("report r --certify -o s.html", in: place)
    #expect(lost.status == 2 && lost.errors.contains("--data"))
  }

  @Test("what cannot be certified is refused, and nothing is written")
  func refused() throws {
    let place = try Workspace()
    try eluteSucceeds(bench, in: place)
    _ = try elute("train --data b --d-sae 64 --k 4 --batch 128 --steps 5 --out r", in: place)
    for (arguments, words) in [
      ("certify r/seed-0 --out x", "--data"),
      ("certify r r/seed-0 --data b --out x --export-trusted t", "2 dictionaries"),
      ("certify r nothing --data b --out x", "nothing"),
      ("certify r/seed-0 --data b --rows 0 --out x", "rows"),
      ("certify r/seed-0 --data b --lambda 0 --out x", "lambda"),
      ("certify r/seed-0 --data b --trust 2 --out x", "--trust"),
      ("certify r/seed-0 --data b --out x --export-trusted ./x", "one folder"),
      ("certify r/seed-0 --data b --truth r --out x", "features.npy"),
      ("certify r/seed-0 --data b --holdout sometimes --out x", "holdout"),
      ("certify r/seed-0 --sources b,b --out x", "sites"),
    ] {
      let result = try elute(arguments, in: place)
      #expect(result.status == 2 && result.errors.contains(words), "\(arguments): \(result.errors)")
    }
    #expect(!place.names(in: ".").contains("x"))
  }
}

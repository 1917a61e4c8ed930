import Foundation
import Testing

@testable import SparseCoding

@Suite("the memory of a process") struct HostMemoryTests {
  /// A folder in the place of `/`, with files in it.
  final class Root {
    let path = NSTemporaryDirectory() + "/elute-root-" + UUID().uuidString

    init(_ files: [String: String]) throws {
      for (name, text) in files {
        let file = URL(fileURLWithPath: path + "/" + name)
        try FileManager.default.createDirectory(
          at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
        try Data(text.utf8).write(to: file)
      }
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }
  }

  static let cases: [(files: [String: String], limit: Int?)] = [
    ([:], nil),
    // Version 2: no limit, one, and the smallest of the groups above.
    (["proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n"], nil),
    (["proc/self/cgroup": "0::/\n", "sys/fs/cgroup/memory.max": "1000000\n"], 1_000_000),
    (
      [
        "proc/self/cgroup": "0::/a/b\n", "sys/fs/cgroup/a/b/memory.max": "max\n",
        "sys/fs/cgroup/a/memory.max": "2000000\n", "sys/fs/cgroup/memory.max": "3000000\n",
      ], 2_000_000
    ),
    // Version 1, whose path is the host's while the mount is the container's.
    (
      [
        "proc/self/cgroup": "5:cpu,cpuacct:/x\n4:memory:/docker/1:2\n0::/\n",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "4000000\n",
      ], 4_000_000
    ),
    (
      [
        "proc/self/cgroup": "4:memory:/job\n",
        "sys/fs/cgroup/memory/job/memory.limit_in_bytes": "9223372036854771712\n",
      ], 9_223_372_036_854_771_712
    ),
    (["proc/self/cgroup": "4:cpu:/job\nnonsense\n", "sys/fs/cgroup/memory.max": "1"], nil),
  ]

  @Test("is limited by its control group and the groups above", arguments: cases)
  func limits(_ files: [String: String], _ limit: Int?) throws {
    let root = try Root(files)
    withExtendedLifetime(root) {
      #expect(HostMemory.controlGroupLimit(under: root.path) == limit)
    }
  }

  @Test("is at most that of the machine")
  func bytes() {
    #expect(HostMemory.bytes > 1 << 26)
    #expect(UInt64(HostMemory.bytes) <= ProcessInfo.processInfo.physicalMemory)
  }
}

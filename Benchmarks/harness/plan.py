"""What is measured: the shapes, and who takes part with which settings."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class Shape:
    d_in: int
    d_sae: int
    k: int
    batch: int
    # Elute's training steps before its first timed one; the time of a peer's step does not change.
    warmup: int = 200
    # Steps in one turn; their median counts. More than one where a step is so short that the caches are
    # still another process's in the first.
    turn: int = 1
    # Whether peers run one at a time because all of them together do not fit in memory.
    alone: bool = False

    @property
    def name(self) -> str:
        return f"{self.d_in},{self.d_sae},{self.k},{self.batch}"

    @property
    def flags(self) -> list[str]:
        return ["--d-sae", str(self.d_sae), "--k", str(self.k), "--batch", str(self.batch)]


SHAPES = [
    Shape(128, 1024, 16, 2048, turn=5),
    Shape(384, 6144, 32, 4096, turn=2),
    Shape(768, 16384, 32, 4096, warmup=100),
    Shape(1024, 32768, 64, 4096, warmup=50, alone=True),
]
SMOKE = Shape(16, 64, 4, 64, warmup=3)
EQUAL_WORK = SHAPES[:2]
TARGET = Shape(384, 2048, 32, 1024)
STREAM = SHAPES[:2]
# Shapes of several seeds at once, and steps enough for some seconds each.
SEEDS = [(Shape(32, 128, 4, 512), 20_000), (SHAPES[0], 2000), (SHAPES[1], 200)]

# glibc gives large blocks back to the kernel and clears them anew in every step; keeping them, in huge
# pages, makes every peer faster by 10 to 35 %.
KEEP_MEMORY = {
    "MALLOC_MMAP_THRESHOLD_": str(1 << 34),
    "MALLOC_TRIM_THRESHOLD_": str(1 << 36),
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",
}


@dataclass(frozen=True)
class Variant:
    """Settings of a peer: words that its file knows, and the environment."""

    words: str = ""
    keeps_memory: bool = True

    @property
    def name(self) -> str:
        return (self.words or "as it is") + ("" if self.keeps_memory else ", default allocator")

    @property
    def environment(self) -> dict[str, str]:
        return KEEP_MEMORY if self.keeps_memory else {}


def _variants(*words: str) -> list[Variant]:
    return [Variant(w) for w in words] + [Variant(words[0], keeps_memory=False)]


@dataclass(frozen=True)
class Peer:
    id: str
    title: str
    module: str
    variants: list[Variant] = field(default_factory=list)
    # The settings of the comparison of equal work, where the optimizer must be Adam.
    plain_words: str = ""
    exact: bool = True
    # The widest d_sae at which it is run.
    up_to: int = 1 << 30
    # Whether it trains the same model by the same kind of steps, so that its work can be equal.
    is_comparable: bool = True


PEERS = [
    Peer("saelens", "SAELens", "saelens", _variants("", "compile", "sparse")),
    Peer("saelens-autocast", "SAELens, bf16 autocast", "saelens", _variants("autocast"),
         plain_words="autocast", exact=False),
    Peer("dictionary_learning", "dictionary_learning", "dictlearn", _variants("", "compile")),
    Peer("overcomplete", "overcomplete", "overcomplete_sae", _variants("", "compile")),
    Peer("sparsify", "sparsify", "sparsify_eai", _variants("adam", "signum", "adam+compile"),
         plain_words="adam"),
    Peer("torch", "hand-written PyTorch", "handwritten", _variants("", "groups", "dense")),
    Peer("torch-bf16", "same, bf16 encoder", "handwritten", _variants("bf16", "bf16+groups", "bf16+dense"),
         plain_words="bf16", exact=False),
    Peer("sklearn", "scikit-learn", "sklearn_minibatch", [Variant()], up_to=1024,
         is_comparable=False),
]
TARGET_PEERS = [p for p in PEERS if p.is_comparable and p.id != "saelens-autocast"]

